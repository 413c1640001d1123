"""Every httpx client of ours: it obeys proxies and certificate authorities of the environment, and nothing else in it.

httpx itself would fail at the start for a SOCKS proxy or a missing file, send requests for the loopback address to the
proxy, and take passwords from `~/.netrc`.
"""

import ssl
from collections.abc import Callable
from typing import Any

import httpx

from adapters.toolkit.certificates import public_authorities, trusted_authorities
from adapters.toolkit.proxies import proxy_for


def open_client(**options: Any) -> httpx.AsyncClient:
    """Return a client; the options are those of httpx."""
    return httpx.AsyncClient(transport=Outgoing(), trust_env=False, **options)


def open_visitor(**options: Any) -> httpx.AsyncClient:
    """Return a client that goes the same ways, but trusts as browsers elsewhere do: the public authorities only."""
    return httpx.AsyncClient(transport=Outgoing(public_authorities), trust_env=False, **options)


def open_blocking_client(**options: Any) -> httpx.Client:
    """Return a client without an event loop; the options are those of httpx."""
    return httpx.Client(transport=_BlockingOutgoing(), trust_env=False, **options)


class Outgoing(httpx.AsyncBaseTransport):
    """Sends each request directly, or through the proxy for its URL.

    Args:
        authorities: Returns whom to trust.
    """

    def __init__(self, authorities: Callable[[], ssl.SSLContext] = trusted_authorities) -> None:
        self._authorities = authorities
        self._ways: dict[str | None, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Raises `httpx.HTTPError`."""
        return await self._way(proxy_for(str(request.url))).handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections."""
        for way in self._ways.values():
            await way.aclose()

    def _way(self, proxy: str | None) -> httpx.AsyncHTTPTransport:
        if proxy not in self._ways:
            self._ways[proxy] = httpx.AsyncHTTPTransport(self._authorities(), trust_env=False, proxy=proxy)
        return self._ways[proxy]


class _BlockingOutgoing(httpx.BaseTransport):
    """The same for a blocking client."""

    def __init__(self) -> None:
        self._ways: dict[str | None, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._way(proxy_for(str(request.url))).handle_request(request)

    def close(self) -> None:
        for way in self._ways.values():
            way.close()

    def _way(self, proxy: str | None) -> httpx.HTTPTransport:
        if proxy not in self._ways:
            self._ways[proxy] = httpx.HTTPTransport(trusted_authorities(), trust_env=False, proxy=proxy)
        return self._ways[proxy]
