"""The backlog in memory, over the rows of `InMemoryJobs`."""

from datetime import UTC, datetime, timedelta
from statistics import median

from application.ports.backlog import LONGEST_LINE, Backlog, Pace
from application.ports.clock import Clock
from domain.blueprints.blueprint import OutputKind
from domain.jobs.transitions import JobStatus
from tests.support.fake_faults import Faults, faulty
from tests.support.fake_queue import InMemoryJobs, Row

DAY = timedelta(days=1)


class InMemoryBacklog:
    """Implements `BacklogReader`.

    Attributes:
        slots: Of the workers; the fake knows nothing else of them.
    """

    def __init__(self, jobs: InMemoryJobs, clock: Clock = lambda: datetime.now(UTC), slots: int = 0) -> None:
        self._jobs = jobs
        self._clock = clock
        self.slots = slots
        self.faults = Faults()

    @faulty
    async def read(self) -> Backlog:
        now = self._clock()
        rows = self._jobs.rows.values()
        line = self._jobs.in_order(row for row in rows if row.due(now))
        waiting = [(row.job.id, row.job.request.output_kind) for row in line]
        running = [row for row in rows if row.lease_expires_at is not None and row.lease_expires_at > now]
        paces = {kind: Pace(self._seconds(kind), self.slots, kind in self._jobs.paused) for kind in OutputKind}
        return Backlog(tuple(waiting[:LONGEST_LINE]), len(running), paces)

    @faulty
    async def count_waiting(self, most: int, client: str = "") -> int:
        rows = [row for row in self._jobs.rows.values() if row.free(self._clock())]
        return min(sum(client in {"", row.job.request.client} for row in rows), most)

    def _seconds(self, kind: OutputKind) -> float | None:
        worked = [row.worked.total_seconds() for row in self._jobs.rows.values() if self._counts(row, kind)]
        return median(worked) if worked else None

    def _counts(self, row: Row, kind: OutputKind) -> bool:
        recent = row.finished_at is not None and row.finished_at > self._clock() - DAY
        done = row.job.status is JobStatus.COMPLETED and bool(row.worked)
        return recent and done and row.job.request.output_kind is kind
