"""What a setting is: one environment variable with its kind, its meaning and its users.

A kind turns a variable's text into a value and describes in docs/settings.md what it accepts.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from adapters.postgres.dsn import Dsn, InvalidDatabaseUrl, normalise
from adapters.toolkit import authorities
from adapters.toolkit.authorities import Authority
from domain.errors import MomentError

Process = Literal["api", "worker", "music-tools", "migrate"]

_BUCKET: Final = re.compile(r"[A-Za-z0-9._-]{1,255}")
"""Any other name cannot even be signed."""

_LOGIN: Final = re.compile(r"(://|^)[^/?#\s]*@")

ALL: Final[tuple[Process, ...]] = ("api", "worker", "music-tools", "migrate")


class InvalidSettings(MomentError):
    """A setting that cannot be used; the message names the variable."""

    code = "invalid_settings"
    permanent = True


class Kind(msgspec.Struct, frozen=True):
    """What a variable may hold.

    Attributes:
        accepts: The accepted values, for people.
        read: Returns the value of `(name, text)`; raises `InvalidSettings`.
    """

    accepts: str
    read: Callable[[str, str], Any]


class Setting(msgspec.Struct, frozen=True):
    """One environment variable.

    Attributes:
        meaning: One sentence.
        unset: What happens without it, where the default value does not say it.
        secret: Whether its value must never be shown.
    """

    name: str
    kind: Kind
    meaning: str
    users: tuple[Process, ...]
    unset: str = ""
    secret: bool = False


def integer(least: int, most: int) -> Kind:
    """Return the kind of whole numbers within bounds."""
    return Kind(f"integer, {least}–{most}", _number(int, least, most))


def number(least: float, most: float) -> Kind:
    """Return the kind of numbers within bounds."""
    return Kind(f"number, {least}–{most}", _number(float, least, most))


def choice(*values: str) -> Kind:
    """Return the kind of a few words, in any case."""

    def read(name: str, text: str) -> str:
        for known in values:
            if text.lower() == known.lower():
                return known
        raise InvalidSettings(f"{name} must be one of {', '.join(values)}, not {text!r}")

    return Kind(", ".join(f"`{value}`" for value in values), read)


def _number(kind: Callable[[str], float], least: float, most: float) -> Callable[[str, str], float]:
    def read(name: str, text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            raise InvalidSettings(f"{name} must be a number, not {text!r}") from None
        if not least <= value <= most:  # NaN is within no bounds
            raise InvalidSettings(f"{name} must be between {least} and {most}, not {text}")
        return value

    return read


def without_login(url: str) -> str:
    """Return a URL without user name and password; other text stays as it is."""
    return _LOGIN.sub(r"\1***@", url)


def _url(name: str, text: str) -> str:
    scheme, _, rest = text.partition("://")
    if not rest or scheme not in {"http", "https"}:
        raise InvalidSettings(f"{name} must start with http:// or https://")
    return text.rstrip("/")


def _mcp_url(name: str, text: str) -> str:
    url = _url(name, text)
    return url if url.endswith("/mcp") else f"{url}/mcp"


def _database(name: str, text: str) -> Dsn:
    try:
        return normalise(text)
    except InvalidDatabaseUrl as error:
        raise InvalidSettings(f"{name}: {error.message}") from None


def _bucket(name: str, text: str) -> str:
    if not _BUCKET.fullmatch(text):
        raise InvalidSettings(f"{name} must be the name of a bucket, not {text!r}")
    return text


def _hosts(name: str, text: str) -> tuple[Authority, ...]:
    found = []
    for word in text.replace(",", " ").split():
        try:
            found.append(authorities.parse(word))
        except ValueError:
            raise InvalidSettings(
                f"{name} must list hosts like files.example.com, *.example.com or 10.0.0.7:9000, not {word!r}"
            ) from None
    return tuple(found)


TEXT: Final = Kind("text", lambda _, text: text)
PATH: Final = Kind("path", lambda _, text: Path(text))
WORDS: Final = Kind("list, separated by commas or spaces", lambda _, text: tuple(text.replace(",", " ").split()))
HOSTS: Final = Kind("list of `host`, `host:port` or `*.host`, separated by commas or spaces", _hosts)
URL: Final = Kind("URL, `http` or `https`", _url)
MCP_URL: Final = Kind("URL, `http` or `https`, with or without `/mcp`", _mcp_url)
BUCKET: Final = Kind("letters, digits, `.`, `_` and `-`", _bucket)
DATABASE: Final = Kind("URL, `postgresql://` or `postgresql+psycopg2://`", _database)
