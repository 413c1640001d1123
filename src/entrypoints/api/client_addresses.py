"""Where requests come from, behind proxies: who a client is for limits and turns.

A proxy appends the address of its peer to `X-Forwarded-For`. So the list is read from its end: what proxies of ours
appended is true, and whatever stands before the first address that is none of theirs may be invented.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final, NamedTuple

from litestar.types import ASGIApp, Receive, Scope, Send

from entrypoints.setting_kinds import Network

STATE_KEY: Final = "client_address"
IPV6_PREFIX: Final = 64
"""Bits of an IPv6 address that name a customer; the rest is theirs, and they may use all of it."""

_FORWARDED: Final = b"x-forwarded-for"
_LONGEST: Final = 64
"""Entries of the list that are looked at: no site has so many proxies."""

CACHED: Final = 4096
"""Addresses that a process remembers: to read one takes longer than all else here."""

_LONGEST_ADDRESS: Final = 64
"""Characters of one, at most."""

Address = IPv4Address | IPv6Address


class Known(NamedTuple):
    """An address.

    Attributes:
        name: What limits and turns call it: of IPv6, the network.
        is_proxy: Whether it is that of a proxy of ours.
    """

    name: str
    is_proxy: bool


class ClientAddresses:
    """Finds out the address of each request's client.

    Args:
        trusted: The networks of our proxies. A Unix socket is trusted.
    """

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = trusted
        self._known = lru_cache(CACHED)(self._examined)

    def around(self, app: ASGIApp) -> ASGIApp:
        """Note in the scope where the request comes from."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            scope["state"][STATE_KEY] = self.find(scope)
            await app(scope, receive, send)

        return serve

    def find(self, scope: Scope) -> str:
        """Return the address of the client, of IPv6 its network; empty if it is unknown."""
        client = (scope.get("client") or ("",))[0]
        found = self._known(client)
        if client and not (found and found.is_proxy):
            return found.name if found else ""
        found = None
        for word in _forwarded(scope):
            found = self._known(word) if len(word) <= _LONGEST_ADDRESS else None
            if found is None or not found.is_proxy:
                break
        return found.name if found else ""

    def _examined(self, word: str) -> Known | None:
        """Return what is known of an address; None if it is none."""
        if (address := _parsed(word)) is None:
            return None
        return Known(_name(address), any(address in network for network in self._trusted))


def client_of(scope: Scope) -> str:
    """Return the address of a client, empty if it is unknown."""
    address: str = scope["state"][STATE_KEY]
    return address


def _forwarded(scope: Scope) -> Iterable[str]:
    """Return what proxies have named, the nearest first."""
    lines = [value for name, value in scope["headers"] if name == _FORWARDED]
    words = b",".join(lines).decode("latin-1").split(",")[-_LONGEST:] if lines else []
    return (word.strip() for word in reversed(words))


def _parsed(word: str) -> Address | None:
    """Return an address; some proxies add a port, and IPv4 may come as IPv6."""
    host = word[1:].partition("]")[0] if word.startswith("[") else word
    if host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _name(address: Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((address, IPV6_PREFIX), strict=False))
