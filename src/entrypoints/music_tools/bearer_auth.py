"""The bearer token of the MCP server, keys of the API in its place, and what is logged of calls without either."""

import hmac
import logging
from collections.abc import Awaitable, Callable
from math import inf
from time import monotonic
from typing import Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from application.ports.moments_api import MomentsUnavailable
from entrypoints.plurals import count_of

QUIET_SECONDS: Final = 60.0
"""Between two log lines about refusals: a worker with the wrong token calls again and again."""

BY_KEY: Final = "moment_by_key"
"""In the scope: whether the caller was let in by a key of the API."""

log: Final = logging.getLogger(__name__)


def bearer_of(scope: Scope) -> bytes:
    """Return the bearer token of a request (RFC 6750), or nothing."""
    given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    scheme, _, credentials = given.partition(b" ")
    return credentials.strip() if scheme.lower() == b"bearer" else b""


async def no_key(_: str) -> bool:
    """Accept no key."""
    return False


class BearerAuth:
    """Requires the bearer token (RFC 6750), except for one path.

    Args:
        app: What is guarded.
        token: The token that callers must send.
        public_path: A path that needs no token.
        is_key: Whether a text is a key of the API; raises `MomentsUnavailable`. Its owner may call some of the tools.
        clock: Seconds; only differences count.
    """

    def __init__(
        self,
        app: ASGIApp,
        token: str,
        public_path: str,
        *,
        is_key: Callable[[str], Awaitable[bool]] = no_key,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._app = app
        self._is_key = is_key
        self._expected = token.encode()
        self._public_path = public_path
        self._clock = clock
        self._refused = 0
        self._logged_at = -inf

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or respond with 401; 503 if the API cannot be asked about a key."""
        if scope["type"] != "http" or scope["path"] == self._public_path:
            await self._app(scope, receive, send)
            return
        credentials = bearer_of(scope)
        try:
            by_token = hmac.compare_digest(credentials, self._expected)
            if by_token or await self._is_key(credentials.decode("latin-1")):
                await self._app({**scope, BY_KEY: not by_token}, receive, send)
                return
        except MomentsUnavailable as error:
            await JSONResponse({"error": error.message}, 503, {"Retry-After": "2"})(scope, receive, send)
            return
        self._count_refusal()
        refusal = JSONResponse({"error": "unauthorized"}, 401, {"WWW-Authenticate": 'Bearer realm="music-tools"'})
        await refusal(scope, receive, send)

    def _count_refusal(self) -> None:
        """Log the first refusal at once, later ones together. What was sent is not logged: it may be another secret."""
        self._refused += 1
        now = self._clock()
        if now >= self._logged_at + QUIET_SECONDS:
            log.warning("refused %s without the right token (MCP_AUTH_TOKEN)", count_of(self._refused, "call"))
            self._refused, self._logged_at = 0, now
