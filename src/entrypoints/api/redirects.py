"""Redirects to URLs that were signed just now."""

from collections.abc import Mapping

from litestar import MediaType, Response


def redirect_to(url: str, status: int = 302, headers: Mapping[str, str] | None = None) -> Response[None]:
    """Return a redirect, which nobody keeps: the URL expires."""
    fresh = {"Location": url, "Cache-Control": "no-store", **(headers or {})}
    return Response(None, status_code=status, media_type=MediaType.TEXT, headers=fresh)  # as JSON, None is `null`
