"""Busy servers: when to call again, as the header `Retry-After` (RFC 9110) or a tool's result says it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

import anyio

from application.ports.tools import ToolsBusy
from domain.jobs.retry import jittered

T = TypeVar("T")

DEFAULT_SECONDS: Final = 2.0
"""For a server that does not say when."""

SHORTEST_SECONDS: Final = 0.1
LONGEST_SECONDS: Final = 60.0

GROWTH: Final = 1.5
"""How much longer each pause is than the one before, at least …"""

MOST: Final = 2.0
"""… and at most, of what the server asks for: ours knows when it will have room, and longer pauses leave it idle."""


async def until_admitted(
    call: Callable[[], Awaitable[T]], on_busy: Callable[[], None], chance: Callable[[], float]
) -> T:
    """Return the result of a call; while the server is busy, pause and call again, until the caller is cancelled.

    Args:
        call: Makes one attempt.
        on_busy: Called each time the server refuses the call.
        chance: Uniform random numbers in [0, 1).
    """
    pause = 0.0
    while True:
        try:
            return await call()
        except ToolsBusy as busy:
            pause = min(max(busy.retry_after, GROWTH * pause), MOST * busy.retry_after)
            on_busy()
        await anyio.sleep(jittered(pause, chance()))


def delay_of(stated: Any) -> float:
    """Return the seconds to wait, within bounds; `stated` is a number, or the value of the header."""
    seconds = seconds_of(stated)
    if not seconds >= 0:  # negative, or not a number
        return DEFAULT_SECONDS
    return min(max(seconds, SHORTEST_SECONDS), LONGEST_SECONDS)


def seconds_of(stated: Any) -> float:
    """Return the seconds of a number or of the header's value, negative or NaN if there are none."""
    if isinstance(stated, bool) or not isinstance(stated, int | float | str):
        return -1.0
    try:
        return float(stated)
    except (ValueError, OverflowError):
        return _until(str(stated))


def _until(date: str) -> float:
    try:
        return max((parsedate_to_datetime(date).astimezone(UTC) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, OverflowError):
        return -1.0
