"""Admission control: as many calls as the child processes can compute, plus a short queue; more are refused.

Those that wait begin in the order of `adapters.toolkit.turns`. Where the queue is full, a call that would begin before
the last one takes its place, and the last one is refused: a moment that is nearly there does not wait for others to
begin.

A call that waits for minutes is computed for a caller that has given up, so that under overload everything is computed
in vain. A refused caller comes back when its turn is likely: the delay that it is told grows with the number of callers
that were refused before it.

Source: Amazon Builders' Library, "Using load shedding to avoid overload", 2019.
"""

import logging
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from adapters.toolkit.turns import Displaced, Stage, Turns
from application.ports.tools import ToolsBusy

CALLS_PER_WORKER: Final = 1.5
"""Calls that may run per child process: the others transfer audio while a child computes one."""

WAITING_PER_WORKER: Final = 2
FIRST_GUESS: Final = 1.0
"""Seconds that a call takes, as long as none has been measured."""

WEIGHT: Final = 0.1
"""Of the newest call in the moving average of durations."""

RETURN: Final = 0.75
"""The mean share of the delay after which callers return, since they draw it between half of it and all of it; each was
counted so much more often than once within it."""

SHORTEST_DELAY: Final = 0.5
LONGEST_DELAY: Final = 60.0
QUIET_SECONDS: Final = 60.0
"""A refusal after so long without one is the beginning of an overload, and is logged."""

log: Final = logging.getLogger("moment.tools")


class Admission:
    """Who may compute.

    Args:
        workers: Child processes.
        monotonic: Seconds.
    """

    def __init__(self, workers: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._running = math.ceil(CALLS_PER_WORKER * workers)
        self._most = self._running + WAITING_PER_WORKER * workers
        self._turns = Turns(self._running, monotonic)
        self._admitted = 0
        self._seconds = FIRST_GUESS
        self._refusals = deque[float](maxlen=10_000)
        self._delay = 0.0
        self._monotonic = monotonic

    @asynccontextmanager
    async def admit(self, stage: Stage = Stage.ANALYSIS) -> AsyncIterator[bool]:
        """Wait for a turn, and hold it while the block lasts; yield whether it had to wait.

        Raises:
            ToolsBusy: The queue is full: raised at once, or when a call that is further takes the place.
        """
        if self._admitted >= self._most and not self._turns.displace(stage):
            raise self._refusal()
        waits = self._admitted >= self._running
        self._admitted += 1
        try:
            async with self._turns.turn(stage):
                began = self._monotonic()
                yield waits
                self._seconds += WEIGHT * (self._monotonic() - began - self._seconds)
        except Displaced as displaced:
            raise self._refusal() from displaced
        finally:
            self._admitted -= 1

    def _refusal(self) -> ToolsBusy:
        now = self._monotonic()
        if not self._refusals or now - self._refusals[-1] > QUIET_SECONDS:
            log.warning("busy: %d calls run and %d wait; more are refused", self._running, self._most - self._running)
        while self._refusals and now - self._refusals[0] > self._delay:
            self._refusals.popleft()  # that caller has come back, or has given up
        self._refusals.append(now)
        ahead = self._admitted / 2 + RETURN * len(self._refusals)
        expected = self._seconds * ahead / self._running
        self._delay = round(min(max(expected, SHORTEST_DELAY), LONGEST_DELAY), 1)
        return ToolsBusy(f"the music tools are busy; try again in {math.ceil(self._delay)} s", retry_after=self._delay)
