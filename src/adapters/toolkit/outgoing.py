"""What the environment says about connections to other machines: proxies, and certificate authorities.

Every part that goes out asks here, whatever library it uses, so that all of them behave alike. A variable that cannot
be used is reported and left out: it must not end a process that may never need it.

Source: curl(1), "Environment"; OpenSSL, SSL_CTX_set_default_verify_paths(3).
"""

import ipaddress
import os
import ssl
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies_environment

import certifi
import msgspec

PROXIES: Final = ("http", "https", "all")
"""The schemes that `{scheme}_proxy` is about, in lower or upper case."""

FILES: Final = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
"""Each names a file of authorities that replaces the usual ones; the first that can be used counts."""

FOLDER: Final = "SSL_CERT_DIR"
_LOOPBACK: Final = "localhost"


class Unusable(msgspec.Struct, frozen=True):
    """A variable that has no effect because of its value; the reason contains no password."""

    name: str
    reason: str
    fix: str


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


def trusted_authorities() -> ssl.SSLContext:
    """Return a context for clients that verifies servers.

    It trusts what `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE` or `SSL_CERT_DIR` name; else the public authorities, and those
    of the system.
    """
    named = (os.environ.get(name, "") for name in FILES)
    bundle = next((path for path in named if path and not _file_problem(path)), "")
    folder = os.environ.get(FOLDER, "")
    return _context(bundle, folder if folder and Path(folder).is_dir() else "")


def in_force() -> Iterator[str]:
    """Yield the names of the variables that connections obey."""
    for name, url in _proxies(os.environ):
        if not _problem_of(url):
            yield name
    yield from (name for name in ("NO_PROXY", "no_proxy") if os.environ.get(name))
    faulty = {problem.name for problem in unusable()}
    yield from (name for name in (*FILES, FOLDER) if os.environ.get(name) and name not in faulty)


def unusable() -> Iterator[Unusable]:
    """Yield the variables that have no effect."""
    for name, url in _proxies(os.environ):
        if problem := _problem_of(url):
            yield Unusable(name, problem, f"set {name} to the http:// URL of a proxy, or remove it")
    for name in FILES:
        if (path := os.environ.get(name)) and (problem := _file_problem(path)):
            yield Unusable(name, problem, f"set {name} to a file of certificates in PEM format, or remove it")
    if (path := os.environ.get(FOLDER)) and not Path(path).is_dir():
        yield Unusable(FOLDER, f"{path} is not a folder", f"correct {FOLDER}, or remove it")


def is_loopback(host: str) -> bool:
    """Return whether a host of a URL is this machine."""
    name = host.lower().rstrip(".")
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name == _LOOPBACK or name.endswith(f".{_LOOPBACK}")
    return address.is_loopback or address.is_unspecified


@cache
def public_authorities() -> ssl.SSLContext:
    """Return a context that trusts what browsers trust anywhere, whatever the environment says."""
    return ssl.create_default_context(cafile=certifi.where())


@cache
def _context(bundle: str, folder: str) -> ssl.SSLContext:
    """Return a context, made once: reading a bundle takes longer than a request."""
    if bundle or folder:
        is_folder = Path(bundle).is_dir()  # requests admits one
        return ssl.create_default_context(
            cafile=None if is_folder else bundle or None, capath=folder or (bundle if is_folder else None)
        )
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context


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


def _proxies(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for scheme in PROXIES:
        for name in (f"{scheme}_proxy", f"{scheme.upper()}_PROXY"):
            if url := environ.get(name):
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


def _file_problem(path: str) -> str:
    if Path(path).is_dir():
        return ""
    try:
        Path(path).read_bytes()
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        return f"{path} contains no certificate"
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    return ""
