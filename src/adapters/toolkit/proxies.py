"""Proxies of the environment: which requests go through one.

Every part that goes out asks here, whatever library it uses, so that all of them behave alike.

Source: curl(1), "Environment".
"""

import ipaddress
import os
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies_environment

from adapters.toolkit.unusable import Unusable

SCHEMES: Final = ("http", "https", "all")
"""What `{scheme}_proxy` is about, in lower or upper case."""

EXCEPTIONS: Final = ("no_proxy", "NO_PROXY")
_LOOPBACK: Final = "localhost"


def proxy_for(url: str) -> str | None:
    """Return the URL of the proxy for requests to a URL, which may contain a password; None to go there directly.

    The loopback address is always reached directly.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxies = getproxies_environment()
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    if is_loopback(host) or any(_covers(entry, host, port) for entry in _words(proxies.get("no", ""))):
        return None
    chosen = _with_scheme(proxies.get(parts.scheme) or proxies.get("all") or "")
    return chosen if chosen and not _problem_of(chosen) else None


def proxies_in_force() -> Iterator[str]:
    """Yield the names of the variables that connections obey."""
    yield from (name for name, url in _given() if not _problem_of(url))
    yield from (name for name in EXCEPTIONS if os.environ.get(name))


def unusable_proxies() -> Iterator[Unusable]:
    """Yield the variables that have no effect."""
    for name, url in _given():
        if problem := _problem_of(url):
            yield Unusable(name, problem, f"set {name} to the http:// URL of a proxy, or remove it")


def is_loopback(host: str) -> bool:
    """Return whether a host of a URL is this machine."""
    name = host.lower().rstrip(".")
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name == _LOOPBACK or name.endswith(f".{_LOOPBACK}")
    return address.is_loopback or address.is_unspecified


def _covers(entry: str, host: str, port: int | None) -> bool:
    """Return whether an entry of `NO_PROXY` names a host: `*`, a name or suffix, `name:port`, an address, a network."""
    if entry == "*":
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:  # one of them is a name
        name, _, its_port = entry.lower().partition(":")
    suffix = name.removeprefix("*").removeprefix(".")
    return its_port in {"", str(port)} and (host == suffix or host.endswith(f".{suffix}"))


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _given() -> Iterator[tuple[str, str]]:
    for scheme in SCHEMES:
        for name in (f"{scheme}_proxy", f"{scheme.upper()}_PROXY"):
            if url := os.environ.get(name):
                yield name, _with_scheme(url)


def _with_scheme(proxy: str) -> str:
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy


def _problem_of(proxy: str) -> str:
    """Return why a proxy cannot be used, or an empty text."""
    try:
        parts = urlsplit(proxy)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "it is not the URL of a proxy"
    if parts.scheme.startswith("socks"):
        return "SOCKS proxies are not supported: connections are direct"
    if parts.scheme not in {"http", "https"} or not host:
        return "it is not the URL of a proxy"
    return ""
