"""Turns: so many at a time, and those who wait go in order of arrival, with a head start for what is further.

With turns by arrival alone, moments that arrive together would all be analyzed, then all be rendered, then all be
mixed, and the first would be there when the last is. A head start lets each go through: it counts as seconds of
waiting, so nobody is overtaken by what arrives later than that.
"""

import heapq
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import Final

import anyio

HEAD_START: Final = 20.0
"""Seconds that a stage is ahead of the one before it: more than a preview takes, less than people give up after."""


class Stage(IntEnum):
    """How far a moment is, of which a call is made."""

    ANALYSIS = 0
    RENDER = 1
    MIX = 2


class Displaced(Exception):
    """Somebody who is further took the place in the line."""


class _Place:
    """A place in the line; of two with the same time, the one that was taken first is less."""

    def __init__(self, since: float, number: int) -> None:
        self.order = (since, number)
        self.called = anyio.Event()
        self.displaced = False

    def __lt__(self, other: "_Place") -> bool:
        return self.order < other.order


class Turns:
    """A semaphore with a line.

    Args:
        most: Turns that are taken at the same time.
        monotonic: Seconds.
    """

    def __init__(self, most: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._free = most
        self._line: list[_Place] = []
        self._number = 0
        self._monotonic = monotonic

    @asynccontextmanager
    async def turn(self, stage: Stage) -> AsyncIterator[None]:
        """Wait for a turn, and hold it while the block lasts. Raises `Displaced`."""
        await self._take(stage)
        try:
            yield
        finally:
            self._pass_on()

    def displace(self, stage: Stage) -> bool:
        """Send the last in the line away if a newcomer of this stage would go before it; return whether it would."""
        last = max(self._line, default=None)
        if last is None or last.order[0] <= self._since(stage):
            return False
        self._leave(last)
        last.displaced = True
        last.called.set()
        return True

    def _since(self, stage: Stage) -> float:
        return self._monotonic() - HEAD_START * stage

    async def _take(self, stage: Stage) -> None:
        if self._free:
            self._free -= 1
            return
        self._number += 1
        place = _Place(self._since(stage), self._number)
        heapq.heappush(self._line, place)
        try:
            await place.called.wait()
        except BaseException:
            if place in self._line:
                self._leave(place)
            elif not place.displaced:
                self._pass_on()  # the turn came too late
            raise
        if place.displaced:
            raise Displaced

    def _leave(self, place: _Place) -> None:
        self._line.remove(place)
        heapq.heapify(self._line)

    def _pass_on(self) -> None:
        if self._line:
            heapq.heappop(self._line).called.set()
        else:
            self._free += 1
