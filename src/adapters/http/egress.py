"""The egress guard: a URL that a caller names leads to a public address, or to a host that the operator allows.

It works beneath the client, so that every request passes it, redirects included. It connects to the very address that
it has checked: a name that resolves to another address a moment later (DNS rebinding) gains nothing. Host header, TLS
server name and certificate stay those of the name.

Source: OWASP, "Server-Side Request Forgery Prevention Cheat Sheet".
"""

import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import anyio
import httpx

from adapters.http.addresses import is_public, names_loopback
from adapters.http.clients import Outgoing
from adapters.toolkit.authorities import DEFAULT_PORTS, Authority
from adapters.toolkit.certificates import trusted_authorities
from adapters.toolkit.proxies import proxy_for
from application.ports.transfers import UrlNotAllowed

MAX_ADDRESSES: Final = 4
"""Of one name, that are tried one after another."""

RESOLVE_SECONDS: Final = 5.0

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the IP addresses of a name; raises `OSError`."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the IP addresses of a host, best first. Spellings like `0x7f.1` are resolved as connect(2) would.

    Raises:
        OSError: The name has none.
    """
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def guarded_client(allowed: Sequence[Authority]) -> httpx.AsyncClient:
    """Return a client for URLs that callers name; its requests raise `UrlNotAllowed`.

    Args:
        allowed: Hosts that are reached without a check.
    """
    return httpx.AsyncClient(transport=EgressGuard(allowed), trust_env=False)


class EgressGuard(httpx.AsyncBaseTransport):
    """A transport that refuses to leave for inner addresses.

    Args:
        allowed: Hosts that are reached without a check.
        resolve: Resolves names.
        permits: Tells public addresses from others.
        authorities: Returns whom to trust.

    Where the environment names a proxy, requests go there after the check. It resolves the name again: what it lets
    pass is its own affair.
    """

    def __init__(
        self,
        allowed: Sequence[Authority],
        *,
        resolve: Resolve = resolve,
        permits: Callable[[str], bool] = is_public,
        authorities: Callable[[], ssl.SSLContext] = trusted_authorities,
    ) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._permits = permits
        self._unpinned = Outgoing(authorities)
        # A connection is found again by its address, and one of another name must not be: so none is kept.
        unshared = httpx.Limits(max_keepalive_connections=0)
        self._pinned = httpx.AsyncHTTPTransport(authorities(), trust_env=False, limits=unshared)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises:
            UrlNotAllowed: Its host has an address that is not public.
            httpx.HTTPError: It could not be sent.
        """
        host = request.url.raw_host.decode("ascii")
        port = request.url.port or DEFAULT_PORTS.get(request.url.scheme, 0)
        if any(authority.covers(host, port) for authority in self._allowed):
            return await self._unpinned.handle_async_request(request)
        addresses = await self._addresses(request, host, port)
        if not all(map(self._permits, addresses)):
            raise UrlNotAllowed(host, port, loopback=names_loopback(host))
        if proxy_for(str(request.url)):
            return await self._unpinned.handle_async_request(request)
        return await self._send_to_first(addresses[:MAX_ADDRESSES], request)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._unpinned.aclose()
        await self._pinned.aclose()

    async def _addresses(self, request: httpx.Request, host: str, port: int) -> Sequence[str]:
        try:
            with anyio.fail_after(RESOLVE_SECONDS):
                addresses = await self._resolve(host, port)
        except TimeoutError:
            raise httpx.ConnectTimeout("the name was not resolved in time", request=request) from None
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError("the name cannot be resolved", request=request) from error
        if not addresses:
            raise httpx.ConnectError("the name has no address", request=request)
        return addresses

    async def _send_to_first(self, addresses: Sequence[str], request: httpx.Request) -> httpx.Response:
        """Send a request to the first address that accepts a connection; only then its body is read."""
        *others, last = addresses
        for address in others:
            try:
                return await self._pinned.handle_async_request(_pinned(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._pinned.handle_async_request(_pinned(request, last))


def _pinned(request: httpx.Request, address: str) -> httpx.Request:
    """Return the same request to an IP address; it has a Host header already."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")},
    )
