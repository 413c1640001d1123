"""How many jobs a worker runs at once: no more than the music tools admit.

Source: Chiu and Jain, "Analysis of the increase and decrease algorithms for congestion avoidance", 1989.
"""

from math import inf
from typing import Final

import anyio

SHRINK: Final = 0.7
"""What is left of the limit when the tools are busy."""

SETTLE_SECONDS: Final = 1.0
"""After the limit shrank, so long is left for it to take effect: many calls are refused at once."""

BUSY_SECONDS: Final = 90.0
"""After a refused call, so long the tools count as busy: callers wait a minute at most before they ask again."""


class SlotLimit:
    """Shrinks by a factor when a call is refused, and grows by one job for each round of calls that is not.

    Args:
        slots: The most jobs at once.
    """

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._limit = float(slots)
        self._shrunk_at = -inf

    @property
    def slots(self) -> int:
        """How many jobs to run at once, ≥ 1."""
        return int(self._limit)

    @property
    def recently_busy(self) -> bool:
        """Whether the tools refused a call within the last `BUSY_SECONDS`."""
        return anyio.current_time() - self._shrunk_at < BUSY_SECONDS

    def shrink(self) -> None:
        """Note that the tools were busy."""
        now = anyio.current_time()
        if now - self._shrunk_at >= SETTLE_SECONDS:
            self._limit = max(1.0, self._limit * SHRINK)
            self._shrunk_at = now

    def grow(self) -> None:
        """Note that a stage has finished."""
        self._limit = min(float(self._slots), self._limit + 1 / self._limit)
