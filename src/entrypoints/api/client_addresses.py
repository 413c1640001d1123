"""Where requests come from, behind proxies: who a client is for limits and turns.

A proxy appends the address of its peer to `X-Forwarded-For`. So the list is read from its end: what proxies of ours
appended is true, and whatever stands before the first address that is none of theirs may be invented.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from litestar.types import ASGIApp, Receive, Scope, Send

from entrypoints.setting_kinds import Network

STATE_KEY: Final = "client_address"
IPV6_PREFIX: Final = 64
"""Bits of an IPv6 address that name a customer; the rest is theirs, and they may use all of it."""

_FORWARDED: Final = b"x-forwarded-for"
_LONGEST: Final = 64
"""Entries of the list that are looked at: no site has so many proxies."""

Address = IPv4Address | IPv6Address


class ClientAddresses:
    """Finds out the address of each request's client.

    Args:
        trusted: The networks of our proxies. A Unix socket is trusted.
    """

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = trusted

    def around(self, app: ASGIApp) -> ASGIApp:
        """Note in the scope where the request comes from."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            scope["state"][STATE_KEY] = self.find(scope)
            await app(scope, receive, send)

        return serve

    def find(self, scope: Scope) -> str:
        """Return the address of the client, of IPv6 its network; empty if it is unknown."""
        client = (scope.get("client") or ("",))[0]
        peer = _parsed(client)
        if client and (peer is None or not self._is_trusted(peer)):
            return _name(peer) if peer else ""
        found: Address | None = None
        for address in _forwarded(scope):
            found = address
            if address is None or not self._is_trusted(address):
                break
        return _name(found) if found else ""

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def client_of(scope: Scope) -> str:
    """Return the address of a client, empty if it is unknown."""
    address: str = scope["state"][STATE_KEY]
    return address


def _forwarded(scope: Scope) -> Iterator[Address | None]:
    """Yield the addresses that proxies have named, the nearest first; None for what is no address."""
    lines = [value for name, value in scope["headers"] if name == _FORWARDED]
    words = b",".join(lines).decode("latin-1").split(",")
    return (_parsed(word.strip()) for word in reversed(words[-_LONGEST:]))


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
