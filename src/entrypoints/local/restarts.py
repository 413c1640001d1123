"""Parts that end by themselves are started again: after growing delays, and not for ever."""

import random
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from domain.errors import MomentError
from domain.jobs.retry import jittered
from entrypoints.local.parts import ChildDied, Ending, Part

FIRST_DELAY: Final = 0.5
LONGEST_DELAY: Final = 30.0
HEALTHY_SECONDS: Final = 60.0
"""A part that ran for so long starts again after the first delay."""

STORM_ENDINGS: Final = 5
STORM_SECONDS: Final = 60.0
"""A part that ends itself so often within so many seconds cannot run here. One that is killed is always started again:
what kills it is bounded (a job that crashes its worker fails in the end) or is mended while the others run."""


class Restarts:
    """Starts one part again whenever it has ended.

    Args:
        part: It runs.
        clock: Seconds, monotonic.
        chance: Draws the jitter of delays, 0..1.
    """

    def __init__(
        self,
        part: Part,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._part = part
        self._clock = clock
        self._chance = chance
        self._started = clock()
        self._due: float | None = None
        self._in_a_row = 0
        self._endings = deque[float](maxlen=STORM_ENDINGS)

    def tend(self) -> str:
        """Look after the part; return a line for people when it has ended or was started again, else an empty one.

        Raises:
            ChildDied: It ended too often, or for good.
        """
        if self._due is None:
            ending = self._part.ending()
            return self._after(ending) if ending else ""
        return self._start() if self._clock() >= self._due else ""

    def _start(self) -> str:
        self._due, self._started = None, self._clock()
        try:
            self._part.restart()
        except (MomentError, OSError) as error:
            return self._after(Ending(f"could not be started: {error}"))
        return f"{self._part.name} was started again"

    def _after(self, ending: Ending) -> str:
        now = self._clock()
        if ending.final:
            raise ChildDied(self._part, ending.how)
        if not ending.killed:
            self._endings.append(now)
        if len(self._endings) == STORM_ENDINGS and now - self._endings[0] < STORM_SECONDS:
            raise ChildDied(self._part, f"{ending.how}, and ended {STORM_ENDINGS} times within a minute")
        delay = self._delay(now)
        self._due = now + delay
        return f"{self._part.name} {ending.how}; starting it again in {delay:.1f} s (log: {self._part.log.path})"

    def _delay(self, now: float) -> float:
        if now - self._started >= HEALTHY_SECONDS:
            self._in_a_row = 0
        delay = jittered(min(FIRST_DELAY * 2**self._in_a_row, LONGEST_DELAY), self._chance())
        self._in_a_row += 1
        return delay
