"""Redirects to URLs that were signed just now, and the URLs themselves for pages, which cannot see redirects."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import MediaType, Response
from litestar.openapi import ResponseSpec
from litestar.params import QueryParameter

from application.ports.objects import UrlSigner

NEVER_KEPT: Final = {"Cache-Control": "no-store"}
"""The headers of answers with a URL that was signed just now: it expires."""

REDIRECT: Final = QueryParameter(description="false returns the URL as JSON: a page cannot read where a redirect leads")


class FileLink(msgspec.Struct, frozen=True):
    """A URL of a file that was signed just now: whoever has it needs no key."""

    url: str
    url_expires_at: datetime


OF_LINKS: Final = {
    200: ResponseSpec(FileLink, description="the same URL, with redirect=false", generate_examples=False),
    302: ResponseSpec(None, description="the file is at Location, a URL that was signed just now"),
}
"""The responses of routes that link to files."""


def link_to(url: str, urls: UrlSigner, *, redirect: bool) -> Response[Any]:
    """Return a redirect to a URL that was signed just now, or the URL itself."""
    if redirect:
        return redirect_to(url)
    link = FileLink(url, urls.expiry_of(url))
    return Response(link, status_code=200, media_type=MediaType.JSON, headers=NEVER_KEPT)


def redirect_to(url: str, status: int = 302, headers: Mapping[str, str] | None = None) -> Response[None]:
    """Return a redirect to a URL that was signed just now."""
    fresh = {"Location": url, **NEVER_KEPT, **(headers or {})}
    return Response(None, status_code=status, media_type=MediaType.TEXT, headers=fresh)  # as JSON, None is `null`
