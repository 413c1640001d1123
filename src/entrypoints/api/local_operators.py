"""Who operates the service without a key: a program, or our own page, on the machine itself.

Somebody who can open a connection from there could read the database as well. What must not pass is a request that only
seems to come from there: through a proxy, or from a page of another site in a browser on the machine, also one whose
DNS name leads here (rebinding).
"""

import re
from typing import Any, Final
from urllib.parse import urlsplit

from entrypoints.api.origin_checks import OF_OUR_OWN

PATH: Final = "/v1/operations/"

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PEERS: Final = re.compile(r"127\.[0-9.]+|::1|::ffff:127\.[0-9.]+")
_HOST: Final = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)

_DIRECT: Final = frozenset({"1.1", "2"})
"""Versions of HTTP that programs and browsers speak; the server says `1` of HTTP/1.0."""

_FORWARDED: Final = re.compile(
    rb"forwarded|via|x-forwarded.*|x-real-ip|x-original.*|x-envoy.*|x-client-ip|x-cluster-client-ip|true-client-ip"
    rb"|cf-.*|fly-.*|fastly-.*"
)
"""Headers that proxies add."""


class LocalOperators:
    """Knows which requests come from the machine itself.

    Args:
        public_url: Of this service; a public one means that strangers reach it, through whatever they come.
        allowed: Whether there are such operators at all.
    """

    def __init__(self, public_url: str, *, allowed: bool) -> None:
        self._allowed = allowed and urlsplit(public_url).hostname in LOOPBACK

    def include(self, scope: Any) -> bool:
        """Return whether a request may operate the service without a key."""
        return self._allowed and scope["path"].startswith(PATH) and _is_direct(scope) and _is_of_no_other_site(scope)


def _is_direct(scope: Any) -> bool:
    """Return whether nothing stands between us and a program of this machine, as far as one can see.

    nginx, unless told otherwise, adds no header and names us as the host; before 1.29.7 it speaks HTTP/1.0. What passes
    here all the same is kept out by a public `PUBLIC_URL`.
    """
    peer = (scope.get("client") or ("",))[0]
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    return (
        bool(_PEERS.fullmatch(peer))
        and len(hosts) == 1
        and bool(_HOST.fullmatch(hosts[0]))
        and scope.get("http_version") in _DIRECT
        and not any(_FORWARDED.fullmatch(name) for name, _ in scope["headers"])
    )


def _is_of_no_other_site(scope: Any) -> bool:
    """Return whether the request is of a program, or of a page of this very origin; `CORS_ORIGINS` does not count."""
    headers = dict(scope["headers"])
    site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin", b"").decode("latin-1")
    ours = not origin or urlsplit(origin).netloc == headers[b"host"].decode("latin-1")
    return ours and (site is None or site in OF_OUR_OWN)
