"""Free ports, and whether something responds at a URL."""

import http.client
import socket
from typing import Final
from urllib.parse import urlsplit

PROBE_SECONDS: Final = 3.0


def free_port() -> int:
    """Return a port of the loopback address that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def responds(url: str) -> bool:
    """Return whether a GET returns 200."""
    return fetch(url) is not None


def fetch(url: str) -> bytes | None:
    """Return the body that a GET returns with status 200, or None."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", parts.path)
        response = connection.getresponse()
        return response.read() if response.status == http.client.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
