"""The `Content-Disposition` header (RFC 6266): the name under which a browser saves a file."""

from string import ascii_letters, digits
from typing import Final
from urllib.parse import quote

_PLAIN: Final = frozenset(ascii_letters + digits + " !#$&'()+,-.;=@[]^_`{}~")
_ATTR_CHAR: Final = "!#$&+-.^_`|~"


def attachment(name: str) -> str:
    """Return the header's value for a download under any name.

    Names beyond ASCII are in `filename*` (RFC 8187); `filename` is for clients that do not support it. Folders and
    control characters are removed.
    """
    name = name.replace("\\", "/").rpartition("/")[2]
    name = "".join(character for character in name if character.isprintable()).strip() or "download"
    plain = "".join(character if character in _PLAIN else "_" for character in name)
    value = f'attachment; filename="{plain}"'
    return value if plain == name else f"{value}; filename*=UTF-8''{quote(name, safe=_ATTR_CHAR)}"
