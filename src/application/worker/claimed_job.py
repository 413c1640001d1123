"""One job in one worker's hands."""

import logging
from collections.abc import Callable
from typing import Final

import anyio

from application.ports.clock import Clock
from application.ports.jobs import DatabaseUnavailable
from application.ports.queue import Claim, JobQueue, Lease, LeaseLost
from domain.jobs.artifacts import Stem
from domain.jobs.job import Job
from domain.jobs.retry import delay
from domain.jobs.transitions import Event

log: Final = logging.getLogger(__name__)

SHARE = {"ANALYZING": (0.05, 0.2), "RENDERING": (0.25, 0.5), "MIXING": (0.75, 0.25)}
"""Where each stage begins on the way from 0 to 1, and how much of the way it is."""


class Run:
    """The newest version of a claimed job and the right to write it.

    Events are recorded at once and written behind: a stage does not wait for the disk before the next one begins, and
    what happens during a write travels in the next. What was recorded and not written when a worker dies is done again
    by the next one, as is what the tools had not finished. A stage whose result must not be made again waits for it.

    Attributes:
        job: As last recorded; the row may be some milliseconds behind.
        progress: 0..1, for the next heartbeat.
    """

    def __init__(self, claim: Claim, queue: JobQueue, clock: Clock, chance: Callable[[], float]) -> None:
        self.job: Job = claim.job
        self.lease: Lease = claim.lease
        self.attempt = claim.attempt
        self.max_attempts = claim.max_attempts
        self.progress = 0.0
        self.clock = clock
        self._queue = queue
        self._chance = chance
        self._written = claim.job.version
        self._writing = anyio.Lock(fast_acquire=True)
        self._stems: dict[Stem, float] = {}

    @property
    def folder(self) -> str:
        """Return the key prefix that this claim alone writes to."""
        return f"{self.job.id}/{self.lease.token}"

    def record(self, event: Event) -> None:
        """Apply an event; it is written soon, or by `write`.

        Raises:
            IllegalTransition: The job is as it was.
        """
        self.job = self.job.on(event, self.clock())

    @property
    def is_behind(self) -> bool:
        """Whether something recorded is not written, and nobody writes it at this moment."""
        return self._written < self.job.version and not self._writing.locked()

    async def write(self) -> None:
        """Return when the newest version is written.

        A database that is away for a moment is waited for: what was made is not to be made again for that. Whoever
        runs the job stops it when its lease is about to end.

        Raises:
            LeaseLost: Somebody else has the job; it is as they left it.
        """
        tries = 0
        while self._written < self.job.version:
            try:
                await self.save()
            except DatabaseUnavailable as error:
                tries += 1
                again = delay(error.code, tries, self._chance()).total_seconds()
                log.warning("job %s: not written yet: %s; again in %.1f s", self.job.id, error, again)
                await anyio.sleep(again)

    async def save_if_possible(self) -> bool:
        """Write the newest version, or leave it to the next time; a job that cannot be written fails of that by itself.

        Returns:
            Whether the database answered.

        Raises:
            LeaseLost: Somebody else has the job; it is as they left it.
        """
        try:
            await self.save()
        except LeaseLost:
            raise
        except DatabaseUnavailable:
            return False
        except Exception:
            log.exception("job %s, %s: cannot be written", self.job.id, self.job.status)
        return True

    async def save(self) -> None:
        """Write the newest version once; no write is torn by a cancellation, and to repeat one is safe.

        Raises:
            LeaseLost: Somebody else has the job; it is as they left it.
            DatabaseUnavailable: It may be written or not.
        """
        with anyio.CancelScope(shield=True):
            async with self._writing:  # a repeat that is overtaken by a newer version would read as a lost lease
                job = self.job
                if self._written < job.version:
                    await self._queue.save(self.lease, job)
                    self._written = job.version

    def reporter(self, stem: Stem | None = None) -> Callable[[float], None]:
        """Return a sink for a tool's own progress, 0..1, within the present stage."""
        begin, width = SHARE[self.job.status]

        def report(fraction: float) -> None:
            done = fraction if stem is None else self._mean_of_stems(stem, fraction)
            self.progress = max(self.progress, begin + width * min(max(done, 0.0), 1.0))

        return report

    def _mean_of_stems(self, stem: Stem, fraction: float) -> float:
        self._stems[stem] = fraction
        settled = dict.fromkeys(self.job.checkpoints, 1.0)
        return sum({**self._stems, **settled}.values()) / len(Stem)
