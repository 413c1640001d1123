"""The bearer token of the MCP server, and what is logged of calls without it."""

import hmac
import logging
from collections.abc import Callable
from math import inf
from time import monotonic
from typing import Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

QUIET_SECONDS: Final = 60.0
"""Between two log lines about refusals: a worker with the wrong token calls again and again."""

log: Final = logging.getLogger(__name__)


class BearerAuth:
    """Requires the bearer token (RFC 6750), except for one path.

    Args:
        app: What is guarded.
        token: The token that callers must send.
        public_path: A path that needs no token.
        clock: Seconds; only differences count.
    """

    def __init__(self, app: ASGIApp, token: str, public_path: str, clock: Callable[[], float] = monotonic) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()
        self._public_path = public_path
        self._clock = clock
        self._refused = 0
        self._logged_at = -inf

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or respond with 401."""
        if scope["type"] != "http" or scope["path"] == self._public_path or self._admits(scope):
            await self._app(scope, receive, send)
            return
        self._count_refusal()
        refusal = JSONResponse({"error": "unauthorized"}, 401, {"WWW-Authenticate": 'Bearer realm="music-tools"'})
        await refusal(scope, receive, send)

    def _admits(self, scope: Scope) -> bool:
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        scheme, _, credentials = given.partition(b" ")
        return hmac.compare_digest(b"Bearer " + credentials.strip(), self._expected) and scheme.lower() == b"bearer"

    def _count_refusal(self) -> None:
        """Log the first refusal at once, later ones together. What was sent is not logged: it may be another secret."""
        self._refused += 1
        now = self._clock()
        if now >= self._logged_at + QUIET_SECONDS:
            calls = "1 call" if self._refused == 1 else f"{self._refused} calls"
            log.warning("refused %s without the right token (MCP_AUTH_TOKEN)", calls)
            self._refused, self._logged_at = 0, now
