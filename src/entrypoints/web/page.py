"""The page that records a hum in the browser; it loads nothing from other origins but the music."""

from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from application.ports.objects import UrlSigner
from entrypoints.web.content_security import NAME, policy_of

_HOME: Final = files("entrypoints.web").joinpath("home.html").read_text()


@get("/", include_in_schema=False, media_type=MediaType.HTML)
async def home(urls: NamedDependency[SkipValidation[UrlSigner]]) -> Response[str]:
    """Return the page that records a hum and plays the music."""
    policy = policy_of(_HOME, media=[origin_of(await urls.sign_get("music"))])
    return Response(_HOME, media_type=MediaType.HTML, headers={"Cache-Control": "no-cache", NAME: policy})


def origin_of(url: str) -> str:
    """Return the origin of a URL (RFC 6454)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
