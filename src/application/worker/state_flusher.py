"""Write-behind: what jobs in flight have recorded is written some times a second, all of them together."""

from collections.abc import Callable, Mapping
from math import inf
from typing import Final

import anyio
import anyio.abc

from application.ports.queue import LeaseLost
from application.telemetry import bind
from application.worker.database_outage import DatabaseOutage
from application.worker.in_flight_job import InFlightJob
from domain.jobs.job import JobId
from domain.jobs.retry import jittered

FLUSH_SECONDS: Final = 0.1
"""Between two flushes: stages that are shorter than this share a write."""

PAUSE_SECONDS: Final = 1.0
"""How long to leave a database alone that did not answer, jittered."""


class StateFlusher:
    """Writes the states of every job in flight; what must not be lost is flushed by its stage, which waits for it.

    It sleeps while everything is written. An idle worker, or one whose jobs are being rendered, does not wake for it.

    Args:
        in_flight: The jobs in flight, as they come and go.
        chance: Uniform random numbers in [0, 1).
        outage: Told whether the database responds.
    """

    def __init__(
        self, in_flight: Mapping[JobId, InFlightJob], chance: Callable[[], float], outage: DatabaseOutage
    ) -> None:
        self._in_flight = in_flight
        self._chance = chance
        self._outage = outage
        self._paused_until = -inf
        self._recorded = anyio.Event()

    def wake(self) -> None:
        """Write within `FLUSH_SECONDS`: a job has recorded something."""
        self._recorded.set()

    async def run(self, writes: anyio.abc.TaskGroup) -> None:
        """Start writes in the task group until cancelled."""
        while True:
            await self._recorded.wait()
            self._recorded = anyio.Event()
            while self._behind():  # also what a write that is under way may leave, or fail to write
                await anyio.sleep(FLUSH_SECONDS)
                await anyio.sleep_until(self._paused_until)
                for job in self._behind():
                    if not job.claimed.is_writing:
                        writes.start_soon(self._flush, job)

    def _behind(self) -> list[InFlightJob]:
        return [job for job in self._in_flight.values() if job.claimed.is_behind]

    async def _flush(self, job: InFlightJob) -> None:
        bind(job.claimed.job)
        try:
            if error := await job.claimed.try_flush():
                self._outage.failed(error)
                self._pause()
            else:
                self._outage.answered()
        except LeaseLost as error:
            job.lose(str(error))

    def _pause(self) -> None:
        """Put off writing; jobs whose writes failed at the same time put it off once."""
        now = anyio.current_time()
        if now >= self._paused_until:
            self._paused_until = now + jittered(PAUSE_SECONDS, self._chance())
