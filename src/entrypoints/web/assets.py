"""The files of our pages; their URLs change with their content, so that browsers never ask again."""

import re
from functools import cache, lru_cache
from gzip import compress
from hashlib import blake2b
from pathlib import Path
from posixpath import normpath
from typing import Any, Final

from litestar import Request, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from entrypoints.web.compression import respond_with

CLIENT: Final = Path(__file__).parent / "client"
STYLESHEET: Final = "studio.css"
"""The style sheets of the studio as one: `base.css` first, the others by name."""

OPERATORS_STYLESHEET: Final = "operations.css"
"""Those of the operator's page."""

TOKENS: Final = "style/tokens.css"
"""The colours and sizes of all pages."""

_OF_OPERATORS: Final = frozenset({TOKENS, "style/base.css", "style/ops.css"})

_PATH: Final = "/assets"
FOREVER: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_IMPORT: Final = re.compile(r"""^(?:import|export)\b[^;"'()]*["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)


@get(f"{_PATH}/{{digest:str}}/{{name:path}}", include_in_schema=False)
async def asset(request: Request[Any, Any, Any], digest: FromPath[str], name: FromPath[str]) -> Any:
    """Return a file of the pages; those of another version are 404, so that no page mixes two."""
    name = name.removeprefix("/")
    if name not in _files() or digest != digest_of_all():
        raise NotFoundException
    return respond_with(_compressed(name), request, {"Cache-Control": FOREVER}, _TYPES[Path(name).suffix])


def url_of(name: str) -> str:
    """Return the path of a file of the pages on this host."""
    return f"{_PATH}/{digest_of_all()}/{name}"


@lru_cache
def digest_of_all() -> str:
    """Return what changes with any of the files."""
    content = b"".join(name.encode() + b"\0" + body for name, body in sorted(_files().items()))
    return blake2b(content, digest_size=8).hexdigest()


@lru_cache
def modules_of(entry: str) -> tuple[str, ...]:
    """Return a module and all that it imports when it is loaded, so that a page can ask for them at once."""
    found = [entry]
    for name in found:
        imported = [normpath(f"{Path(name).parent}/{path}") for path in _IMPORT.findall(_files()[name].decode())]
        found += [path for path in dict.fromkeys(imported) if path not in found]
    return tuple(found)


@lru_cache
def _files() -> dict[str, bytes]:
    paths = sorted(path for path in CLIENT.rglob("*") if path.suffix in _TYPES)
    files = {path.relative_to(CLIENT).as_posix(): path.read_bytes() for path in paths}
    sheets = sorted((name for name in files if name.endswith(".css")), key=lambda name: ("base" not in name, name))
    studio = [name for name in sheets if name != "style/ops.css"]
    operators = [name for name in sheets if name in _OF_OPERATORS]
    return {
        **files,
        STYLESHEET: b"\n".join(files[name] for name in studio),
        OPERATORS_STYLESHEET: b"\n".join(files[name] for name in operators),
    }


@cache
def _compressed(name: str) -> bytes:
    """Return a file in gzip; all of them at once would hold up the first request for a while."""
    return compress(_files()[name], mtime=0)
