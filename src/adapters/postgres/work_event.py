"""The event that wakes a worker, set by those notifications that are for it."""

import asyncio
import random
from typing import Final

import anyio

from adapters.postgres.fleet import Fleet, NewJobs

RUNNER_UP_SECONDS: Final = (0.02, 0.04)
"""When the worker wakes that is next after those a notification is for, in case that one of them has died."""

TAKEN_WITHIN: Final = 0.01
"""Seconds after which a worker that has not claimed is too busy to: then all others wake."""


class AutoResetEvent:
    """An event that stays set until one waiter has returned."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self, *_: object) -> None:
        """Wake the waiter, or the next one."""
        self._event.set()

    @property
    def is_set(self) -> bool:
        """Whether nobody has returned since it was set."""
        return self._event.is_set()

    async def wait(self, timeout: float) -> None:
        """Return when the event is set, at once if it already is, or after `timeout` seconds; clear it."""
        with anyio.move_on_after(timeout):
            await self._event.wait()
        self._event.clear()


class WorkEvent(AutoResetEvent):
    """Set at once, soon or not at all by a notification of new jobs: see fleet.py.

    Attributes:
        fleet: This worker and the others.
        too_busy: Set when nobody has waited for a notification: another worker should have it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fleet = Fleet()
        self.too_busy = AutoResetEvent()

    def on_notification(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        """Wake at once, soon, or not at all: see fleet.py."""
        if (jobs := NewJobs.read(payload)) is None:
            self.set()
            return
        loop, rank = asyncio.get_running_loop(), self.fleet.rank(jobs)
        if rank < jobs.count:
            self.set()
            loop.call_later(TAKEN_WITHIN, self._pass_on_if_busy)
        elif rank == jobs.count:
            loop.call_later(random.uniform(*RUNNER_UP_SECONDS), self.set)  # noqa: S311 - no secret

    def _pass_on_if_busy(self) -> None:
        if self.is_set:
            self.too_busy.set()
