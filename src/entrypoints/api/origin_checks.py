"""Whether a request was meant for us: its `Host`, and the page that made a browser send it."""

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from litestar.types import ASGIApp, Receive, Scope, Send

from entrypoints.allowed_hosts import AllowedHosts
from entrypoints.api.object_sharing import is_object
from entrypoints.api.problem_documents import encoded_problem

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""RFC 9110: they change nothing."""

OF_OUR_OWN: Final = frozenset({b"same-origin", b"none"})
"""`Sec-Fetch-Site`, which pages cannot forge: the page is ours, or the user typed the address."""

PROBED: Final = frozenset({"/healthz", "/readyz"})
"""Load balancers ask for these by the address of a machine."""


class HostCheck:
    """Refuses requests to names that are not ours: a page whose DNS name leads to us (rebinding) would read answers."""

    def __init__(self, hosts: AllowedHosts) -> None:
        self._hosts = hosts

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return the application for requests with an allowed `Host`."""
        if self._hosts.allow_all:
            return app

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
            allowed = scope["path"] in PROBED or self._hosts.allow(host)
            await (app if allowed else _WRONG_HOST)(scope, receive, send)

        return serve


class CrossSiteCheck:
    """Refuses what a foreign page makes a browser send: a form needs nobody's permission (CSRF).

    Programs send neither `Sec-Fetch-Site` nor `Origin`, and pass. Source: OWASP, "Cross-Site Request Forgery
    Prevention Cheat Sheet", "Fetch Metadata headers". A signed URL is itself the permission, which no foreign page
    has: it works from any page.

    Args:
        origins: Origins that may send requests.
    """

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = frozenset(origin.rstrip("/") for origin in origins)

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return the application for requests of our own pages, of allowed origins, and of programs."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            await (app if self._passes(scope) else _CROSS_SITE)(scope, receive, send)

        return serve

    def _passes(self, scope: Scope) -> bool:
        if scope["method"] in SAFE_METHODS or is_object(scope["path"]):  # type: ignore[typeddict-item] # only HTTP requests get here
            return True
        headers = dict(scope["headers"])
        site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin", b"").decode("latin-1")
        if site in OF_OUR_OWN or (site is None and not origin):
            return True
        own = site is None and urlsplit(origin).netloc == headers.get(b"host", b"").decode("latin-1")
        return own or bool(self._origins & {origin, "*"})


_WRONG_HOST: Final = encoded_problem("host_not_allowed", "this service is not reached under that host name")
_CROSS_SITE: Final = encoded_problem("cross_site_request", "pages of other sites may not send this; see CORS_ORIGINS")
