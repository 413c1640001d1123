"""The HTTP connections to one MCP server."""

from typing import Final

import aiohttp

from adapters.toolkit.certificates import trusted_authorities
from adapters.toolkit.proxies import proxy_for

KEEP_ALIVE_SECONDS: Final = 30.0


def open_http(url: str, timeout: aiohttp.ClientTimeout) -> aiohttp.ClientSession:
    """Return a client for the server at a URL: directly, or through the proxy that the environment names for it."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_SECONDS, ssl=trusted_authorities())
    return aiohttp.ClientSession(connector=connector, timeout=timeout, proxy=proxy_for(url))
