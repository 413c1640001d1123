"""Every text of the pages, in one file for each language."""

import re
from functools import lru_cache
from html import escape
from typing import Final

import msgspec

from entrypoints.web.assets import CLIENT

_NAMED: Final = re.compile(r"\{\{text:([\w.]+)\}\}")


@lru_cache
def texts() -> dict[str, str]:
    """Return the texts by their names."""
    return msgspec.json.decode((CLIENT / "strings" / "en.json").read_bytes(), type=dict[str, str])


def with_texts(template: str) -> str:
    """Return a page of HTML with the texts that it names as `{{text:name}}`.

    Raises:
        KeyError: There is no such text.
    """
    return _NAMED.sub(lambda found: escape(texts()[found[1]]), template)


def texts_as_json() -> str:
    """Return the texts as JSON that can stand within an element of HTML."""
    return msgspec.json.encode(texts()).decode().replace("<", "\\u003c")
