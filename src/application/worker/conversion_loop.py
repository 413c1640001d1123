"""A worker's second task: make what is made on demand, formats of music and samples of styles.

It makes one thing at a time beside jobs, which need the music tools more, and several while there are none.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import anyio

from application.ports.conversions import Conversion, Conversions
from application.ports.jobs import DatabaseUnavailable
from application.worker.endings import deciding_error
from application.worker.make_ordered import MakeOrdered
from domain.errors import MomentError
from domain.jobs.faults import Fault, fault_of
from domain.jobs.retry import delay, jittered

LEASE: Final = timedelta(seconds=30)
RENEW_EVERY: Final = 5.0
"""Seconds: within so many, the making of what belongs to a moment stops that is deleted."""

POLL: Final = 1.0
"""Seconds between two looks at the queue, at most (jittered down to half)."""

HELP_PART: Final = 0.25
"""Of that time, after which a worker looks whether there is more to make at the same time."""

MAX_ERRORS: Final = 3
LONGEST_DELAY: Final = 60.0

log: Final = logging.getLogger(__name__)


class ConversionLoop:
    """Claims and makes what is asked for until it is stopped, and gives back what it makes when it is cancelled.

    Args:
        make: Makes one thing.
        chance: Uniform random numbers in [0, 1).
        at_once: How many things to make at the same time while the worker is idle.
        is_idle: Whether it has no jobs, and the music tools take more calls, as far as it knows.
        poll: Seconds between two looks at the queue, at most.
        renew_every: Seconds between two renewals of a lease.
    """

    def __init__(
        self,
        conversions: Conversions,
        make: MakeOrdered,
        chance: Callable[[], float],
        *,
        at_once: int = 1,
        is_idle: Callable[[], bool] = lambda: True,
        poll: float = POLL,
        renew_every: float = RENEW_EVERY,
    ) -> None:
        self._conversions = conversions
        self._make = make
        self._chance = chance
        self._at_once = at_once
        self._is_idle = is_idle
        self._making = 0
        self._poll = poll
        self._renew_every = renew_every

    async def run(self, stopping: anyio.Event) -> None:
        """Make what is asked for; whatever fails is tried again, by this worker or another one."""
        async with anyio.create_task_group() as group:
            for _ in range(self._at_once - 1):
                group.start_soon(self._help, stopping)
            while not stopping.is_set():
                if not await self._make_next():
                    await anyio.sleep(jittered(self._poll, self._chance()))

    async def _help(self, stopping: anyio.Event) -> None:
        """Make something else while something is made: an empty queue is looked at no more often for that."""
        while not stopping.is_set():
            wanted = self._making and self._is_idle()
            if not (wanted and await self._make_next()):
                await anyio.sleep(jittered(self._poll * HELP_PART, self._chance()))

    async def _make_next(self) -> bool:
        """Return whether there was something to make."""
        conversion = None
        with suppress(DatabaseUnavailable):  # an outage is logged by those who run jobs
            conversion = await self._conversions.claim(LEASE)
        if conversion is None:
            return False
        self._making += 1
        try:
            await self.make(conversion)
        finally:
            self._making -= 1
        return True

    async def make(self, conversion: Conversion) -> None:
        """Make something, or give it back, or end it: after an error that is permanent, or the third."""
        try:
            if conversion.errors > MAX_ERRORS:  # workers were lost with it
                await self._conversions.fail(conversion, "attempts_exhausted")
                return
            with anyio.CancelScope() as scope:
                await self._make_leased(conversion, scope)
            if scope.cancelled_caught:
                log.info("%s of the job %s is not ours any more", conversion.order, conversion.job_id)
                await self._make.discard(conversion)
        except anyio.get_cancelled_exc_class():
            await self._give_back(conversion)
            raise
        except Exception as raised:  # noqa: BLE001 - it must not stop the jobs of the same worker
            await self._settle(conversion, deciding_error(raised))

    async def _make_leased(self, conversion: Conversion, scope: anyio.CancelScope) -> None:
        """Make something, renewing the lease; cancel the scope when it is lost."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._renew, conversion, scope)
            await self._make(conversion)
            group.cancel_scope.cancel()

    async def _renew(self, conversion: Conversion, scope: anyio.CancelScope) -> None:
        """Renew the lease until it is lost, or the moment is deleted."""
        while True:
            await anyio.sleep(self._renew_every)
            with suppress(DatabaseUnavailable):
                if not await self._conversions.renew(conversion, LEASE):
                    scope.cancel()

    async def _give_back(self, conversion: Conversion) -> None:
        with anyio.move_on_after(2.0, shield=True), suppress(MomentError):
            await self._conversions.give_back(conversion, timedelta(0), counted=False)

    async def _settle(self, conversion: Conversion, error: MomentError) -> None:
        counted = fault_of(error) in {Fault.INPUT, Fault.JOB}
        log.warning("%s of the job %s was not made: %s", conversion.order, conversion.job_id, error)
        with suppress(DatabaseUnavailable):  # then the lease ends
            if counted and (error.permanent or conversion.errors >= MAX_ERRORS):
                await self._conversions.fail(conversion, error.code)
            else:
                after = delay(error.code, conversion.attempt, self._chance(), LONGEST_DELAY)
                await self._conversions.give_back(conversion, after, counted=counted)
