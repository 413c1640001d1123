"""Upkeep in a share of one worker's time: chores do a step each, in turn, and after each step all of them rest.

Only time bounds what is done, so it follows what machine, database and store can do. A slow store gets longer rests.
"""

from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

import anyio
import msgspec

Chore = AsyncGenerator[None, None]
"""What is to be done, in steps: it yields after each of them."""

MOST_REST: Final = 60.0
"""Seconds: what hung for minutes is tried again before hours have passed."""

STEP_SECONDS: Final = 0.25
"""What is faster takes on twice as much in its next step."""

TOO_LONG: Final = 1.0
"""Seconds: a step that took longer takes on half. A worker that stops waits for the step that it is doing."""


class WorkReport(msgspec.Struct, frozen=True):
    """What became of the chores.

    Attributes:
        is_done: Whether nothing is left to do.
        errors: Those that ended a chore, in their order; the other chores went on.
    """

    is_done: bool
    errors: list[Exception]


class TimeShare:
    """Works for a share of the time and rests for the others.

    Args:
        share: Above 0, up to 1 for no rest at all.
    """

    def __init__(
        self,
        share: float,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._rest_per_second = 1 / share - 1
        self._clock = clock
        self._sleep = sleep

    async def work(self, chores: Iterable[Chore], seconds: float) -> WorkReport:
        """Do steps of the chores in turn, until none has any left or the time is over; then close what is left."""
        waiting, errors = deque(chores), list[Exception]()
        ends = self._clock() + seconds
        try:
            while waiting and self._clock() < ends:
                began = self._clock()
                if await _has_more(waiting[0], errors):
                    waiting.rotate(-1)
                else:
                    waiting.popleft()
                if waiting:
                    await self._sleep(min(self._rest_per_second * (self._clock() - began), MOST_REST))
        finally:
            with anyio.CancelScope(shield=True):  # they only say what they did
                for chore in waiting:
                    await chore.aclose()
        return WorkReport(not waiting, errors)


class StepSize:
    """How much the next step takes on: as much as takes about a quarter of a second.

    Args:
        first: In the first step.
        most: A bound of memory, and of what one statement or request can take.
    """

    def __init__(self, first: int, most: int, clock: Callable[[], float] = monotonic) -> None:
        self.current = first
        self._most = most
        self._clock = clock

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure a full step, and fit the next one to it; half as much is tried after one that failed."""
        began = self._clock()
        try:
            yield
        except Exception:
            self._halve()
            raise
        took = self._clock() - began
        if took > TOO_LONG:
            self._halve()
        elif took < STEP_SECONDS:
            self.current = min(2 * self.current, self._most)

    def _halve(self) -> None:
        self.current = max(self.current // 2, 1)


async def _has_more(chore: Chore, errors: list[Exception]) -> bool:
    try:
        await anext(chore)
    except StopAsyncIteration:
        return False
    except Exception as error:  # noqa: BLE001 - a chore must not stop the others
        errors.append(error)
        return False
    return True
