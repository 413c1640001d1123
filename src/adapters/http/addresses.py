"""Which IP addresses are public: whoever may name any URL must not reach what only this machine can reach.

Python's `is_global` knows the IANA registries of special-purpose addresses (RFC 6890). It calls some addresses global
that lead inwards all the same: multicast, addresses that contain an IPv4 address, and a metadata service.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

_NEVER: Final = tuple(
    ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure: metadata and certificates of the machine
        "192.0.0.0/24",  # protocol assignments; Oracle: metadata. Python 3.11 calls most of them global
        "192.88.99.0/24",  # relays of 6to4, RFC 7526
        "2001::/23",  # protocol assignments; Teredo (RFC 4380) contains IPv4 addresses
        "2002::/16",  # 6to4 (RFC 3056) contains IPv4 addresses
        "3fff::/20",  # documentation, RFC 9637
    )
)
_UNICAST: Final = IPv6Network("2000::/3")
"""All that IANA has assigned to the public; site-local, unique local and local NAT64 addresses are outside."""

_NAT64: Final = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address. Networks without IPv4 reach public hosts so."""


def is_public(address: str) -> bool:
    """Return whether an IP address is a public host's; false for what is no address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    embedded = _embedded(parsed)
    return _is_public(embedded if embedded is not None else parsed)


def names_loopback(host: str) -> bool:
    """Return whether a host of a URL is this machine by its very spelling; what a name resolves to does not count."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """Return the IPv4 host that an IPv6 address stands for."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    return address.is_global and not address.is_multicast and not any(address in network for network in _NEVER)
