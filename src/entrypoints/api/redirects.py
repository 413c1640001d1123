"""Redirects to URLs that were signed just now."""

from collections.abc import Mapping
from typing import Final

from litestar import MediaType, Response

NEVER_KEPT: Final = {"Cache-Control": "no-store"}
"""The headers of answers with a URL that was signed just now: it expires."""


def redirect_to(url: str, status: int = 302, headers: Mapping[str, str] | None = None) -> Response[None]:
    """Return a redirect to a URL that was signed just now."""
    fresh = {"Location": url, **NEVER_KEPT, **(headers or {})}
    return Response(None, status_code=status, media_type=MediaType.TEXT, headers=fresh)  # as JSON, None is `null`
