"""A claimed job: its newest version, and the right to write it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

import anyio

from application.ports.jobs import DatabaseUnavailable
from application.ports.queue import Claim, JobLocked, JobQueue, Lease, LeaseLost
from application.ports.tools import ToolName
from domain.errors import MomentError
from domain.jobs.artifacts import Stem
from domain.jobs.calls import CALLS_KEPT, CANCELLED, LONGEST_CODE, ToolCall
from domain.jobs.job import Job
from domain.jobs.keys import claim_prefix
from domain.jobs.progress import progress_within, rendered_fraction
from domain.jobs.retry import delay
from domain.jobs.transitions import Event

log: Final = logging.getLogger(__name__)


class ClaimedJob:
    """The newest version of a claimed job and the right to write it.

    Events are recorded at once and written behind: a stage does not wait for the disk before the next one begins, and
    what happens during a write is part of the next one. What a worker had recorded but not written when it died is done
    again by the next worker, like the calls that were under way. A stage whose result must not be made twice flushes.

    Args:
        on_record: Called after each recorded event; it wakes whoever writes behind.

    Attributes:
        job: As last recorded; the row may be some milliseconds behind.
        claim: What the queue knew about it when it was claimed.
        progress: 0..1, for the next heartbeat.
        stage_began: When the present stage began, as `monotonic` counts.
    """

    def __init__(
        self,
        claim: Claim,
        queue: JobQueue,
        chance: Callable[[], float],
        on_record: Callable[[], None] = lambda: None,
    ) -> None:
        self.job: Job = claim.job
        self.lease: Lease = claim.lease
        self.claim = claim
        self.progress = 0.0
        self._queue = queue
        self.stage_began = self._began = monotonic()
        self._chance = chance
        self._on_record = on_record
        self._written = claim.job.version
        self._writing = anyio.Lock(fast_acquire=True)
        self._stems: dict[Stem, float] = {}
        self._calls: list[ToolCall] = []

    @property
    def prefix(self) -> str:
        """The key prefix that this claim alone writes under."""
        return claim_prefix(self.job.id, self.lease.token)

    def clock(self) -> datetime:
        """Return the time by the database's clock: this machine's may be wrong."""
        return self.claim.claimed_at + timedelta(seconds=monotonic() - self._began)

    def record(self, event: Event) -> None:
        """Apply an event; it is written soon, or by `flush_until_written`.

        Raises:
            IllegalTransition: The state does not allow the event; the job is unchanged.
        """
        self.job = self.job.on(event, self.clock(), self._calls)
        self._calls = []
        self._on_record()

    @contextmanager
    def calling(self, tool: ToolName) -> Iterator[None]:
        """Note the call of a tool that the block is; it is recorded with the next event, at no cost of its own."""
        stage, at, began = self.job.status, self.clock(), monotonic()
        code: str = CANCELLED
        try:
            yield
            code = ""
        except MomentError as error:
            code = error.code
            raise
        except Exception:
            code = MomentError.code
            raise
        finally:
            call = ToolCall(
                tool=tool,
                stage=stage,
                at=at,
                seconds=round(monotonic() - began, 3),
                code=code[:LONGEST_CODE],
                attempt=self.claim.attempt,
                worker=self.claim.worker,
            )
            self._calls = [*self._calls, call][-CALLS_KEPT:]

    @property
    def is_behind(self) -> bool:
        """Whether something recorded is not written yet."""
        return self._written < self.job.version

    @property
    def is_writing(self) -> bool:
        """Whether a write is under way; what was recorded since it began is not part of it."""
        return self._writing.locked()

    async def flush_until_written(self) -> None:
        """Return when the newest version is written, however often the database has to be tried.

        A short outage must not cost finished work. The caller's scope ends when the lease is about to expire.

        Raises:
            LeaseLost: Another worker has the job; nothing was written.
        """
        tries = 0
        while self.is_behind:
            try:
                await self.flush()
            except DatabaseUnavailable as error:
                tries += 1
                wait = delay(error.code, tries, self._chance()).total_seconds()
                level = logging.WARNING if isinstance(error, JobLocked) else logging.DEBUG  # an outage is logged once
                log.log(level, "job %s is not written yet: %s; next try in %.1f s", self.job.id, error, wait)
                await anyio.sleep(wait)

    async def try_flush(self) -> DatabaseUnavailable | None:
        """Write the newest version, or leave it to the next flush; a state that is refused fails its job later.

        Returns:
            The error if the database did not answer.

        Raises:
            LeaseLost: Another worker has the job; nothing was written.
        """
        try:
            await self.flush()
        except LeaseLost:
            raise
        except JobLocked as error:
            log.warning("job %s is not written yet: %s", self.job.id, error)
        except DatabaseUnavailable as error:
            return error
        except Exception:
            log.exception("job %s, %s: the state cannot be written", self.job.id, self.job.status)
        return None

    async def flush(self) -> None:
        """Write the newest version once. A cancellation does not interrupt a write, and repeating one is safe.

        Raises:
            LeaseLost: Another worker has the job; nothing was written.
            JobLocked: Another session holds the job's row; nothing was written.
            DatabaseUnavailable: The state may be written or not.
        """
        with anyio.CancelScope(shield=True):
            async with self._writing:  # a repeat that a newer version overtakes would look like a lost lease
                job = self.job
                if self._written < job.version:
                    await self._queue.save(self.lease, job)
                    self._written = job.version

    def reporter(self, stem: Stem | None = None) -> Callable[[float], None]:
        """Return a callback for a tool's own progress, 0..1, within the present state."""
        status = self.job.status

        def report(fraction: float) -> None:
            done = fraction if stem is None else self._rendered_fraction(stem, fraction)
            self.progress = max(self.progress, progress_within(status, done))

        return report

    def _rendered_fraction(self, stem: Stem, fraction: float) -> float:
        self._stems[stem] = fraction
        settled = dict.fromkeys(self.job.checkpoints, 1.0)
        return rendered_fraction({**self._stems, **settled})
