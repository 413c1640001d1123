"""The pages that run in the browser; they load nothing from other origins but the music."""

from functools import lru_cache
from gzip import compress
from typing import Any
from urllib.parse import urlsplit

from litestar import MediaType, Request, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from application.page_files import PageFiles
from application.ports.objects import UrlSigner
from domain.error_codes import CODES
from domain.recordings.length import LONGEST_SECONDS, SHORTEST_SECONDS
from entrypoints.web.assets import CLIENT, OPERATORS_STYLESHEET, STYLESHEET, PagesFiles, modules_of, publish, url_of
from entrypoints.web.compression import respond_with
from entrypoints.web.content_security import NAME, policy_of
from entrypoints.web.texts import as_json, texts_as_json, with_texts

AnyRequest = Request[Any, Any, Any]
Urls = NamedDependency[SkipValidation[UrlSigner]]


def home_of(max_upload_bytes: int) -> Any:
    """Return the route of the studio, which knows the largest recording that the service takes."""

    @get("/", include_in_schema=False, media_type=MediaType.HTML)
    async def home(request: AnyRequest, urls: Urls, page_files: PagesFiles) -> Any:
        """Return the studio, where hums are recorded and music is heard."""
        return await _response(studio_page(max_upload_bytes), request, urls, page_files)

    return home


@get("/ops", include_in_schema=False, media_type=MediaType.HTML)
async def operations(request: AnyRequest, urls: Urls, page_files: PagesFiles) -> Any:
    """Return the operator's page. It has no data: what it shows, it asks the API for, which knows who may operate."""
    return await _response(operators_page(), request, urls, page_files)


async def _response(page: str, request: AnyRequest, urls: UrlSigner, page_files: PageFiles) -> Any:
    await publish(page_files)
    policy = policy_of(page, media=[origin_of(await urls.sign_get("music"))], own_files=True)
    return respond_with(_compressed(page), request, {"Cache-Control": "no-cache", NAME: policy}, MediaType.HTML)


@lru_cache
def _compressed(page: str) -> bytes:
    return compress(page.encode(), mtime=0)


@lru_cache
def studio_page(max_upload_bytes: int) -> str:
    """Return the studio: its texts, its style sheet, and its module with all that this one imports."""
    page = _page_of("studio.html", STYLESHEET, "main.js").replace("{{limits}}", _limits_as_json(max_upload_bytes))
    return page.replace("{{strings}}", texts_as_json())


@lru_cache
def operators_page() -> str:
    """Return the operator's page, with texts and a style sheet of its own, and the meanings of codes."""
    page = _page_of("ops.html", OPERATORS_STYLESHEET, "ops.js").replace("{{codes}}", _codes_as_json())
    return page.replace("{{strings}}", texts_as_json(for_operators=True))


def _page_of(template: str, sheet: str, script: str) -> str:
    page = _read(template).replace("{{unloaded}}", _read("unloaded.html").rstrip())
    return with_texts(page).replace("{{head}}", _head(sheet, script))


def _read(name: str) -> str:
    return (CLIENT / name).read_text()


def _head(sheet: str, script: str) -> str:
    modules = "".join(f'<link rel="modulepreload" href="{url_of(name)}">' for name in modules_of(script))
    first = f'<script>{_read("first_load.js")}</script><link rel="stylesheet" href="{url_of(sheet)}">'
    return f'{first}{modules}<script type="module" src="{url_of(script)}"></script>'


def _codes_as_json() -> str:
    return as_json({code: {"meaning": info.meaning, "permanent": info.permanent} for code, info in CODES.items()})


def _limits_as_json(max_upload_bytes: int) -> str:
    """Return what the page has to know of recordings."""
    seconds = {"shortest_seconds": SHORTEST_SECONDS, "longest_seconds": LONGEST_SECONDS}
    return as_json({**seconds, "largest_bytes": max_upload_bytes})


def origin_of(url: str) -> str:
    """Return the origin of a URL (RFC 6454)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
