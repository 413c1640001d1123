"""What a setting is: one environment variable with its kind, its meaning and its users.

A kind turns a variable's text into a value and describes in docs/settings.md what it accepts.
"""

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path, PurePath
from typing import Any, Final, Literal
from urllib.parse import SplitResult, urlsplit

import msgspec

from adapters.http.webhook_signing import check_secret
from adapters.postgres.dsn import Dsn, InvalidDatabaseUrl, normalise
from adapters.speech.engines import ENGINES
from adapters.toolkit import authorities
from adapters.toolkit.authorities import Authority
from domain.blueprints.blueprint import OutputKind
from domain.errors import MomentError

Network = IPv4Network | IPv6Network
Process = Literal["api", "worker", "music-tools", "migrate"]

_BUCKET: Final = re.compile(r"[A-Za-z0-9._-]{1,255}")
"""Any other name cannot even be signed."""

_LOGIN: Final = re.compile(r"(://|^)[^/?#\s]*@")
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#@\s]+")

ALL: Final[tuple[Process, ...]] = ("api", "worker", "music-tools", "migrate")


class InvalidSettings(MomentError):
    """Settings that cannot be used.

    Attributes:
        problems: One sentence for each, which names the variable; the message has all of them.
    """

    code = "invalid_settings"
    permanent = True

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


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
        former: Its name in the Celery version, which is read where its own is not set.
    """

    name: str
    kind: Kind
    meaning: str
    users: tuple[Process, ...]
    unset: str = ""
    secret: bool = False
    former: str = ""

    @property
    def names(self) -> tuple[str, str]:
        """Its own name and its former one, which may be empty."""
        return (self.name, self.former)

    def name_in(self, values: Mapping[str, str]) -> str:
        """Return the name under which it is set; an empty variable counts as unset, and so does the result then."""
        return next((name for name in self.names if values.get(name)), "")


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


def _switch(name: str, text: str) -> bool:
    known = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    try:
        return known[text.lower()]
    except KeyError:
        raise InvalidSettings(f"{name} must be true or false, not {text!r}") from None


def _url(name: str, text: str) -> str:
    _parts(name, text)
    return text.rstrip("/")


def _mcp_url(name: str, text: str) -> str:
    """Return the URL as it was written; only what is missing is added, the scheme or the usual path."""
    url = text if "://" in text else f"http://{text}"
    parts = _parts(name, url)
    return url if parts.path.strip("/") else parts._replace(path="/mcp").geturl()


def _parts(name: str, url: str) -> SplitResult:
    if not url.lower().startswith(("http://", "https://")):
        raise InvalidSettings(f"{name} must start with http:// or https://")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidSettings(f"{name} is not a URL: {error}") from None
    if not host or any(letter.isspace() for letter in url):
        raise InvalidSettings(f"{name} is not the URL of a host")
    return parts


def _origins(name: str, text: str) -> tuple[str, ...]:
    """Return origins as browsers send them: in lower case, without a path and without the usual port."""
    words = re.sub(r"[\[\]\"',]", " ", text).split()  # a list in JSON, too
    return tuple(dict.fromkeys(_origin(name, word) for word in words))


def _origin(name: str, word: str) -> str:
    origin = word.lower().rstrip("/")
    if origin in {"*", "null"}:
        return origin
    if not _ORIGIN.fullmatch(origin):
        raise InvalidSettings(f"{name} must list origins such as https://app.example.com, not {word!r}")
    return origin.removesuffix(":443" if origin.startswith("https:") else ":80")


def _database(name: str, text: str) -> Dsn:
    try:
        return normalise(text)
    except InvalidDatabaseUrl as error:
        raise InvalidSettings(f"{name}: {error.message}") from None


def _bucket(name: str, text: str) -> str:
    if not _BUCKET.fullmatch(text):
        raise InvalidSettings(f"{name} must be the name of a bucket, not {text!r}")
    return text


def _speech(name: str, text: str) -> str:
    if text not in ENGINES and not PurePath(text).is_absolute():
        raise InvalidSettings(f"{name} must be {', '.join(ENGINES)} or an absolute path, not {text!r}")
    return text


def _webhook_secret(name: str, text: str) -> str:
    try:
        check_secret(text)
    except ValueError as error:
        raise InvalidSettings(f"{name} is no secret for webhooks: {error}") from None
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


def _networks(name: str, text: str) -> tuple[Network, ...]:
    words = text.replace(",", " ").split()
    if words == ["none"]:
        return ()
    try:
        return tuple(ip_network(word) for word in words)
    except ValueError as error:
        raise InvalidSettings(f"{name} must list networks like 10.0.0.0/8 or fd00::/8: {error}") from None


SWITCH: Final = Kind("`true` or `false`", _switch)
OUTPUT_KIND: Final = choice(*OutputKind)
TEXT: Final = Kind("text", lambda _, text: text)
PATH: Final = Kind("path", lambda _, text: Path(text))
SPEECH: Final = Kind("`espeak-ng`, `espeakng-loader` or the absolute path of `libespeak-ng`", _speech)
WEBHOOK_SECRET: Final = Kind("`whsec_` and 24 to 64 random bytes in base64", _webhook_secret)
HOSTS: Final = Kind("list of `host`, `host:port` or `*.host`, separated by commas or spaces", _hosts)
ORIGINS: Final = Kind("list of origins or `*`, separated by commas or spaces", _origins)
NETWORKS: Final = Kind("list of addresses and networks (`10.0.0.0/8`), or `none`", _networks)
URL: Final = Kind("URL, `http` or `https`", _url)
MCP_URL: Final = Kind("URL, `http` or `https`; `/mcp` is added where there is no path", _mcp_url)
BUCKET: Final = Kind("letters, digits, `.`, `_` and `-`", _bucket)
DATABASE: Final = Kind("URL, `postgresql://` or `postgresql+psycopg2://`", _database)
