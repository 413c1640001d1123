"""The end of music-tools: running calls are finished, new ones are refused with the request to try again."""

import logging
from typing import Final

import anyio
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from application.version import VERSION
from entrypoints.in_flight import RequestsInFlight

RETRY_AFTER_SECONDS: Final = 2
"""Another process behind the same URL serves at once; a new one on the same machine is warm some seconds later."""

REFUSAL: Final = JSONResponse(
    {"status": "stopping", "version": VERSION}, 503, {"Retry-After": str(RETRY_AFTER_SECONDS), "Connection": "close"}
)

log = logging.getLogger("moment.tools")


class Draining:
    """An ASGI application around another one that, once `stopping` is set, refuses every request with 503.

    That includes the health check: load balancers send nothing more here. The listener stays open meanwhile, so that
    callers are told to try again instead of being refused by the operating system.
    """

    def __init__(self, app: ASGIApp, stopping: anyio.Event) -> None:
        self._requests = RequestsInFlight(app, stopping, REFUSAL)
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        refused = scope["type"] == "http" and self._stopping.is_set()
        await (REFUSAL if refused else self._requests)(scope, receive, send)

    async def finish(self, grace: float) -> None:
        """Wait until the running calls have ended, `grace` seconds at most; then cut those that have not."""
        self._requests.cut("GET")  # streams for notifications, which have no end of their own
        try:
            with anyio.move_on_after(grace):
                await self._requests.idle()
        finally:  # also at a second signal
            unfinished = self._requests.cut()
        if unfinished:
            log.warning("calls cut because they were not finished after %g s: %d", grace, unfinished)
