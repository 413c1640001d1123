"""The documentation in a browser: Swagger UI, from an installed wheel, over our OpenAPI document.

Nothing is loaded from elsewhere. The wheel is only a folder of files to us: its package, which needs a web framework of
its own, is never imported.
"""

from functools import lru_cache
from gzip import compress
from hashlib import blake2b
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import anyio.to_thread
from litestar import MediaType, Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from entrypoints.api.problem_documents import ERRORS_PATH
from entrypoints.web.assets import FOREVER
from entrypoints.web.compression import respond_with
from entrypoints.web.content_security import NAME, policy_of

PATH: Final = "/docs"
WHEEL: Final = "flask_swagger_ui"
SCRIPT, STYLES = "swagger-ui-bundle.js", "swagger-ui.css"
ASSETS: Final = {SCRIPT: "text/javascript", STYLES: "text/css", "favicon-32x32.png": "image/png"}
"""What the page needs of the wheel, and nothing else of it: there are pages in it, too."""

_STYLE: Final = """
body{margin:0}header{font:16px/1.5 system-ui,sans-serif;max-width:1460px;margin:1rem auto 0;padding:0 20px}
pre{overflow-x:auto}
"""
_START: Final = """
SwaggerUIBundle({url: "/openapi.json", dom_id: "#api", layout: "BaseLayout", deepLinking: true, tryItOutEnabled: true,
  validatorUrl: null, displayRequestDuration: true, presets: [SwaggerUIBundle.presets.apis]});
"""


def docs_page(url: str) -> str:
    """Return the page of the service at this URL."""
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Main Character Moment API</title><link rel=icon href={_path('favicon-32x32.png')}>"
        f"<link rel=stylesheet href={_path(STYLES)}><style>{_STYLE}</style>"
        f"<header><a href=/>Hum something</a> · <a href=/openapi.json>openapi.json</a> · "
        f"<a href={ERRORS_PATH}>Errors</a> · <a href=/v1/blueprints/schema>Blueprint schema</a>"
        f"<pre>curl -F file=@hum.wav {escape(url)}/v1/create-moment</pre>"
        f"<noscript>This page needs JavaScript; openapi.json has the same.</noscript></header><div id=api></div>"
        f"<script src={_path(SCRIPT)}></script><script>{_START}</script>"
    )


def docs_of(url: str) -> Any:
    """Return the route of the documentation of the service at this URL."""
    page = docs_page(url)
    headers = {NAME: policy_of(page, own_files=True), "Cache-Control": "no-cache"}

    @get(PATH, include_in_schema=False, media_type=MediaType.HTML)
    async def docs() -> Response[str]:
        """Return the documentation."""
        return Response(page, media_type=MediaType.HTML, headers=headers)

    return docs


@get(f"{PATH}/assets/{{digest:str}}/{{name:str}}", include_in_schema=False)
async def docs_asset(request: Request[Any, Any, Any], digest: FromPath[str], name: FromPath[str]) -> Any:
    """Return a file of the documentation; its URL changes with its content, so that browsers never ask again."""
    if name not in ASSETS or digest != _digest(name):
        raise NotFoundException
    content = await anyio.to_thread.run_sync(_compressed, name)
    return respond_with(content, request, {"Cache-Control": FOREVER}, ASSETS[name])


def _path(name: str) -> str:
    return f"{PATH}/assets/{_digest(name)}/{name}"


def _read(name: str) -> bytes:
    wheel = find_spec(WHEEL)
    if wheel is None or wheel.origin is None:
        raise FileNotFoundError(f"the package {WHEEL} is not installed")
    return (Path(wheel.origin).parent / "dist" / name).read_bytes()


@lru_cache
def _digest(name: str) -> str:
    return blake2b(_read(name), digest_size=8).hexdigest()


@lru_cache
def _compressed(name: str) -> bytes:
    """Return a file in gzip, which takes a tenth of a second for the largest; half a megabyte stays in memory."""
    return compress(_read(name), mtime=0)
