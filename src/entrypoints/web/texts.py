"""Every text of the pages, in one file for each language."""

import re
from functools import lru_cache
from html import escape
from typing import Final

import msgspec

from entrypoints.web.assets import CLIENT

_OF_OPERATORS: Final = frozenset({"ops", "site", "error"})
"""The areas of texts that the operator's page has."""

_OF_OTHERS: Final = frozenset({"ops", "shared"})
"""Those that the studio has not: of the operator's page, and of the page of a link to music."""

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


def texts_as_json(*, for_operators: bool = False) -> str:
    """Return the texts of the studio, or of the operator's page, as JSON for an element of HTML."""
    wanted = {name: text for name, text in texts().items() if _is_for(name.partition(".")[0], for_operators)}
    return as_json(wanted)


def as_json(value: object) -> str:
    """Return a value as JSON that can stand within an element of HTML."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c")


def _is_for(area: str, for_operators: bool) -> bool:
    return area in _OF_OPERATORS if for_operators else area not in _OF_OTHERS
