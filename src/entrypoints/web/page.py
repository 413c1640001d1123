"""The pages that run in the browser; they load nothing from other origins but the music."""

from functools import lru_cache
from urllib.parse import urlsplit

import msgspec
from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from application.ports.objects import UrlSigner
from domain.recordings.length import LONGEST_SECONDS, SHORTEST_SECONDS
from entrypoints.web.assets import CLIENT, STYLESHEET, modules_of, url_of
from entrypoints.web.content_security import NAME, policy_of
from entrypoints.web.texts import texts_as_json, with_texts

Urls = NamedDependency[SkipValidation[UrlSigner]]


@get("/", include_in_schema=False, media_type=MediaType.HTML)
async def home(urls: Urls) -> Response[str]:
    """Return the studio, where hums are recorded and music is heard."""
    return await _page_of("studio.html", "main.js", urls)


async def _page_of(template: str, script: str, urls: UrlSigner) -> Response[str]:
    page = page_of(template, script)
    policy = policy_of(page, media=[origin_of(await urls.sign_get("music"))], own_files=True)
    return Response(page, media_type=MediaType.HTML, headers={"Cache-Control": "no-cache", NAME: policy})


@lru_cache
def page_of(template: str, script: str) -> str:
    """Return a page: its texts, its style sheet, and its module with all that this one imports."""
    page = with_texts((CLIENT / template).read_text())
    facts = {"{{head}}": _head(script), "{{strings}}": texts_as_json(), "{{limits}}": limits_as_json()}
    for name, value in facts.items():
        page = page.replace(name, value)
    return page


def limits_as_json() -> str:
    """Return as JSON what the recorder has to know of recordings: seconds."""
    return msgspec.json.encode({"shortest_seconds": SHORTEST_SECONDS, "longest_seconds": LONGEST_SECONDS}).decode()


def _head(script: str) -> str:
    modules = "".join(f'<link rel="modulepreload" href="{url_of(name)}">' for name in modules_of(script))
    return (
        f'<link rel="stylesheet" href="{url_of(STYLESHEET)}">{modules}'
        f'<script type="module" src="{url_of(script)}"></script>'
    )


def origin_of(url: str) -> str:
    """Return the origin of a URL (RFC 6454)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
