"""One job in one worker's hands."""

import logging
from collections.abc import Callable
from typing import Final

import anyio

from application.ports import Claim, Clock, DatabaseUnavailable, JobQueue, Lease
from domain.artifacts import Step
from domain.job import Job
from domain.transitions import Event

log: Final = logging.getLogger(__name__)

SAVE_AGAIN_SECONDS: Final = 0.25
SHARE = {"ANALYZING": (0.05, 0.2), "RENDERING": (0.25, 0.5), "MIXING": (0.75, 0.25)}
"""Where each stage begins on the way from 0 to 1, and how much of the way it is."""


class Run:
    """The newest version of a claimed job and the right to write the next one.

    Attributes:
        job: As last written.
        progress: 0..1, for the next heartbeat.
    """

    def __init__(self, claim: Claim, queue: JobQueue, clock: Clock) -> None:
        self.job: Job = claim.job
        self.lease: Lease = claim.lease
        self.attempt = claim.attempt
        self.max_attempts = claim.max_attempts
        self.progress = 0.0
        self.clock = clock
        self._queue = queue
        self._writing = anyio.Lock()
        self._stems: dict[Step, float] = {}

    @property
    def folder(self) -> str:
        """Return the key prefix that this claim alone writes to."""
        return f"{self.job.id}/{self.lease.token}"

    async def record(self, event: Event) -> None:
        """Apply an event and write the result; the write is never torn by a cancellation.

        A database that is away for a moment is waited for: what was made is not to be made again for that. Whoever
        runs the job stops it when its lease is about to end.

        Raises:
            LeaseLost: Somebody else has the job; it is as they left it.
        """
        async with self._writing:
            changed = self.job.on(event, self.clock())
            while not await self._saved(changed):  # noqa: ASYNC110 - it asks the database, not for an event
                await anyio.sleep(SAVE_AGAIN_SECONDS)
            self.job = changed

    async def _saved(self, changed: Job) -> bool:
        """Return whether it is written; to repeat it is safe, also where only the answer to a write got lost."""
        try:
            with anyio.CancelScope(shield=True):
                await self._queue.save(self.lease, changed)
        except DatabaseUnavailable as error:
            log.warning("job %s, %s: not written yet: %s", changed.id, changed.status, error)
            return False
        return True

    def reporter(self, step: Step | None = None) -> Callable[[float], None]:
        """Return a sink for a tool's own progress, 0..1, within the present stage."""
        begin, width = SHARE[self.job.status]

        def report(fraction: float) -> None:
            done = fraction if step is None else self._mean_of_stems(step, fraction)
            self.progress = max(self.progress, begin + width * min(max(done, 0.0), 1.0))

        return report

    def _mean_of_stems(self, step: Step, fraction: float) -> float:
        self._stems[step] = fraction
        settled = dict.fromkeys(self.job.checkpoints, 1.0)
        return sum({**self._stems, **settled}.values()) / len(Step)
