"""Routes of the Celery version whose clients are still in use."""

import re
from typing import Annotated, Final
from urllib.parse import urlsplit

from litestar import Response, get
from litestar.openapi import ResponseSpec
from litestar.params import QueryParameter

from application.objects.signed_objects import UrlInvalid
from application.ports.objects import UrlSigner
from entrypoints.api.dependencies import Urls
from entrypoints.api.openapi import problem
from entrypoints.api.redirects import redirect_to

GIVEN: Final = QueryParameter(description="A signed URL of this service, as statuses have them")
SAMPLE_KEY: Final = "sample"
_PLAIN_URL: Final = re.compile(r"[!-\[\]-~]{1,4096}")
"""What a URL of ours may consist of: visible ASCII without a backslash, which some browsers take for a slash."""


@get(
    "/v1/proxy-audio",
    status_code=307,
    deprecated=True,
    operation_id="proxyAudio",
    summary="Follow one of our signed URLs",
    tags=["jobs"],
    responses={
        307: ResponseSpec(None, description="the file is at Location"),
        400: problem("no URL"),
        403: problem("the URL is none of ours"),
    },
)
async def proxy_audio(url: Annotated[str, GIVEN], urls: Urls) -> Response[None]:
    """Redirect to one of our signed URLs, which its store verifies; nothing is fetched, least of all from elsewhere."""
    if not await _is_ours(url, urls):
        raise UrlInvalid("the URL is none of those that this service signed")
    return redirect_to(url, 307)


async def _is_ours(url: str, urls: UrlSigner) -> bool:
    """Return whether a URL leads to the place where our signed URLs lead."""
    if not _PLAIN_URL.fullmatch(url):
        return False
    try:
        given, ours = urlsplit(url), urlsplit(await urls.sign_get(SAMPLE_KEY))
    except ValueError:
        return False
    prefix = ours.path.removesuffix(SAMPLE_KEY)
    within = given.path.startswith(prefix) and not re.search(r"(^|/|%2f)(\.|%2e)", given.path, re.IGNORECASE)
    return (given.scheme, given.netloc) == (ours.scheme, ours.netloc) and within and bool(given.query)
