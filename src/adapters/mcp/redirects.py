"""Redirects of an MCP server: within its origin they are followed, since a token must not go elsewhere.

Source: RFC 9110, 15.4. A server that adds or removes a slash at the end, or a gateway that moves a path, sends them.
"""

from typing import Final
from urllib.parse import urljoin, urlsplit

import aiohttp

from application.ports.tools import ToolsUnavailable

MOST: Final = 3
"""Redirects that one request follows."""

_STATUS: Final = frozenset({301, 302, 307, 308})
"""With which a POST stays a POST; browsers make a GET of it for the first two, which no MCP server can mean."""

_PORTS: Final = {"http": 80, "https": 443}


def target_of(response: aiohttp.ClientResponse, url: str) -> str | None:
    """Return the URL that a response redirects to, or None if it is no redirect.

    Raises:
        ToolsUnavailable: It leads to another origin.
    """
    location = response.headers.get("location", "")
    if response.status not in _STATUS or not location:
        return None
    target = urljoin(url, location)
    if _origin(target) != _origin(url):
        there = "{}://{}".format(*urlsplit(target)[:2]).rpartition("@")[2]
        raise ToolsUnavailable(f"the tool server redirects to {there}: set MCP_BASE_URL to where it is")
    return target


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return "", "", None
