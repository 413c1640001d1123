"""The files of our pages; their URLs change with their content, so that browsers never ask again.

Those of other versions come from the store: see `application.page_files`.
"""

import re
from functools import cache, lru_cache
from gzip import compress
from pathlib import Path
from posixpath import normpath
from typing import Any, Final

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, SkipValidation

from application.page_files import Files, PageFiles, digest_of
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


PagesFiles = NamedDependency[SkipValidation[PageFiles]]


@get(f"{_PATH}/{{digest:str}}/{{name:path}}", include_in_schema=False)
async def asset(
    request: Request[Any, Any, Any], digest: FromPath[str], name: FromPath[str], page_files: PagesFiles
) -> Any:
    """Return a file of the pages of the version that has the digest, so that no page mixes two."""
    name = name.removeprefix("/")
    own = digest == digest_of_all()
    found = _own(name) if own else (await page_files.find(digest)).get(name)
    if found is None or Path(name).suffix not in _TYPES:
        raise NotFoundException(headers={"Cache-Control": "no-store"})
    return respond_with(found, request, {"Cache-Control": FOREVER}, _TYPES[Path(name).suffix])


async def publish(page_files: PageFiles) -> None:
    """Let other processes have the files of this version."""
    await page_files.publish(digest_of_all(), _all_compressed)


def url_of(name: str) -> str:
    """Return the path of a file of the pages on this host."""
    return f"{_PATH}/{digest_of_all()}/{name}"


@lru_cache
def digest_of_all() -> str:
    """Return what changes with any of the files."""
    return digest_of(_files())


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


def _own(name: str) -> bytes | None:
    """Return a file of this version in gzip, if there is one."""
    return _compressed(name) if name in _files() else None


def _all_compressed() -> Files:
    """Return the files of this version in gzip."""
    return {name: _compressed(name) for name in _files()}


@cache
def _compressed(name: str) -> bytes:
    """Return a file in gzip; all of them at once would hold up the first request for a while."""
    return compress(_files()[name], mtime=0)
