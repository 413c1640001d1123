"""The `Content-Disposition` header (RFC 6266): what a browser calls the file that it saves."""

from string import ascii_letters, digits
from typing import Final
from urllib.parse import quote

_PLAIN: Final = frozenset(ascii_letters + digits + " !#$&'()+,-.;=@[]^_`{}~")
_ATTR_CHAR: Final = "!#$&+-.^_`|~"


def attachment(name: str) -> str:
    """Return the header's value for a download under any name.

    Names beyond ASCII stand in `filename*` (RFC 8187); `filename` is for clients that do not know it. Folders and
    control characters are taken out.
    """
    name = name.replace("\\", "/").rpartition("/")[2]
    name = "".join(character for character in name if character.isprintable()).strip() or "download"
    plain = "".join(character if character in _PLAIN else "_" for character in name)
    value = f'attachment; filename="{plain}"'
    return value if plain == name else f"{value}; filename*=UTF-8''{quote(name, safe=_ATTR_CHAR)}"
