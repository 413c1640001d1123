"""The states of the parts that this service depends on, as readiness reports them: `ok`, or the code of an error."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import anyio

from domain.errors import MomentError

PING_SECONDS: Final = 2.0
GLANCE_SECONDS: Final = 0.3
"""How long a caller waits for a part whose state decides nothing; orchestrators give up after a second."""

OK: Final = "ok"
TIMEOUT: Final = "timeout"

Ping = Callable[[], Awaitable[Any]]


async def state_of(ping: Ping) -> str:
    """Return `ok`, the code of the error, or `timeout` after two seconds."""
    try:
        with anyio.fail_after(PING_SECONDS):
            await ping()
    except TimeoutError:
        return TIMEOUT
    except MomentError as error:
        return error.code
    return OK


class LastKnownState:
    """The state of a part that takes long to check while it is away: no caller waits for all of it."""

    def __init__(self) -> None:
        self._state = ""
        self._check: asyncio.Task[None] | None = None

    async def get(self, ping: Ping) -> str:
        """Return the state after a check, or if that takes longer than a glance, the state found before.

        Callers share one check. The first caller waits for its end, since nothing is known yet.
        """
        if self._check is None or self._check.done():
            self._check = asyncio.create_task(self._refresh(ping))
        await asyncio.wait({self._check}, timeout=GLANCE_SECONDS if self._state else PING_SECONDS)
        return self._state or TIMEOUT

    async def _refresh(self, ping: Ping) -> None:
        self._state = await state_of(ping)
