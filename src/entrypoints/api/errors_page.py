"""The table of error codes as a page: the `type` of every problem leads to a row of it."""

import re
from html import escape
from typing import Final

from litestar import MediaType, Response, get

from domain.error_codes import CODES, Code, CodeInfo
from entrypoints.api.error_statuses import STATUSES
from entrypoints.api.problem_documents import ERRORS_PATH
from entrypoints.web.content_security import NAME, policy_of

_STYLE: Final = """
:root{color-scheme:light dark;background:Canvas;color:CanvasText}
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
code{font-family:ui-monospace,monospace;font-size:.9em}
.wide{overflow-x:auto}table{border-collapse:collapse}
th{text-align:left}th,td{padding:.3rem .8rem .3rem 0;vertical-align:top}
tr:target{outline:2px solid;outline-offset:-1px}
@media(max-width:40rem){
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{display:flex;flex-wrap:wrap;gap:0 .8rem;padding:.5rem 0}td{padding:0}
td:is(:first-child,:last-child){flex:1 0 100%;overflow-wrap:anywhere}
td:nth-child(2):not(:empty)::before{content:"HTTP "}
td:nth-child(3)::before{content:"try again: "}td:nth-child(4)::before{content:"met in: "}
}
"""

_HEAD: Final = "".join(f"<th role=columnheader>{name}" for name in ("code", "HTTP", "try again", "met in", "meaning"))
# The roles: on phones each row is a block of lines, and browsers forget that it is a table.


def errors_page() -> str:
    """Return the table as HTML: a row for each code, with the code as its id."""
    rows = "".join(_row(code, info) for code, info in CODES.items())
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Errors</title><style>{_STYLE}</style><main><h1>Errors</h1>"
        f"<p>Match on the code, not on the message. <a href=/docs>The API</a></p>"
        f"<div class=wide tabindex=0 role=region aria-label=Errors>"
        f"<table role=table><thead role=rowgroup><tr role=row>{_HEAD}<tbody role=rowgroup>{rows}</table></div></main>"
    )


def _row(code: Code, info: CodeInfo) -> str:
    again = "no" if info.permanent else "yes"
    meaning = re.sub("`([^`]+)`", r"<code>\1</code>", escape(info.meaning))
    surfaces = ", ".join(info.surfaces)
    cells = (f"<code>{code}</code>", str(STATUSES.get(code, "")), again, surfaces, meaning)
    return f"<tr id={code} role=row>{''.join(f'<td role=cell>{cell}' for cell in cells)}"


_PAGE: Final = errors_page()
_HEADERS: Final = {NAME: policy_of(_PAGE), "Cache-Control": "no-cache"}


@get(ERRORS_PATH, include_in_schema=False, media_type=MediaType.HTML)
async def errors() -> Response[str]:
    """Return the table of error codes."""
    return Response(_PAGE, media_type=MediaType.HTML, headers=_HEADERS)
