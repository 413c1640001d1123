"""Hosts that a setting lists: `host`, `host:port`, or `*.host` for the names below it."""

import re
from ipaddress import ip_address
from typing import Final

import msgspec

_NAME: Final = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}")
DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Authority(msgspec.Struct, frozen=True):
    """A host, or the names below one.

    Attributes:
        host: In lower case; an IPv6 address has no brackets; `*.` begins what stands for names below a host.
        port: None stands for every port.
    """

    host: str
    port: int | None = None

    def __str__(self) -> str:
        """Return the form that `parse` reads."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    def covers(self, host: str, port: int) -> bool:
        """Return whether a host and its port are meant. Names are compared, never resolved."""
        if self.port not in (None, port):
            return False
        name = host.lower().removesuffix(".")
        return name.endswith(self.host[1:]) if self.host.startswith("*.") else name == self.host


def parse(text: str) -> Authority:
    """Return the authority that a text names.

    Raises:
        ValueError: It names none.
    """
    host, port = _split(text.lower())
    if not host.isascii():
        host = host.encode("idna").decode()  # as DNS, HTTP and TLS have it
    if not _NAME.fullmatch(host):
        ip_address(host)
    if port is not None and not _PORT.fullmatch(port):
        raise ValueError(f"not a port: {port!r}")
    return Authority(host, int(port) if port else None)


def of_url(url: str) -> Authority:
    """Return the host of an http(s) URL with its port.

    Raises:
        ValueError: The URL has no host.
    """
    scheme, _, rest = url.partition("://")
    authority = parse(re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2])
    return msgspec.structs.replace(authority, port=authority.port or DEFAULT_PORTS.get(scheme))


def _split(text: str) -> tuple[str, str | None]:
    """Return host and port; a bare IPv6 address has no port."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"not a host: {text!r}")
        return host, rest[1:] if rest else None
    if text.count(":") > 1:
        return text, None
    host, colon, port = text.partition(":")
    return host.removesuffix("."), port if colon else None
