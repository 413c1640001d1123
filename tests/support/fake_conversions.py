"""The queue of what is made on demand in memory."""

from datetime import datetime, timedelta
from operator import itemgetter

import msgspec

from application.ports.clock import Clock
from application.ports.conversions import (
    ANEW_AFTER,
    MOST_OF_CLIENT,
    NO_JOB,
    SPACING,
    Conversion,
    TooManyConversions,
)
from domain.error_codes import Code
from domain.jobs.artifacts import Artifact
from domain.jobs.conversions import ordered
from domain.jobs.job import JobId
from domain.jobs.transitions import Converted
from tests.support.fake_faults import Faults, faulty
from tests.support.fake_queue import InMemoryJobs


class Asked(msgspec.Struct):
    """A row."""

    run_at: datetime
    requested_at: datetime
    client: str
    turn: datetime
    attempt: int = 0
    errors: int = 0
    failed_at: datetime | None = None
    reason: str = ""


class InMemoryConversions:
    """Port `Conversions`.

    Attributes:
        rows: By job and order.
    """

    def __init__(self, jobs: InMemoryJobs, clock: Clock) -> None:
        self._jobs = jobs.rows
        self._clock = clock
        self.rows: dict[tuple[JobId, str], Asked] = {}
        self.faults = Faults()

    @faulty
    async def request(self, job_id: JobId, order: str) -> str:
        if not self._lives(job_id):
            return ""
        now = self._clock()
        client = str(NO_JOB) if job_id == NO_JOB else self._jobs[job_id].job.request.client
        if (job_id, order) not in self.rows and self._open_of(client) >= MOST_OF_CLIENT:
            raise TooManyConversions
        row = self.rows.setdefault((job_id, order), Asked(now, now, client, self._turn_of(client)))
        if row.failed_at and row.failed_at < now - ANEW_AFTER:
            self.rows[job_id, order] = row = Asked(now, now, client, self._turn_of(client), row.attempt)
        return row.reason

    @faulty
    async def claim(self, lease: timedelta) -> Conversion | None:
        due = [(row.turn, key) for key, row in self.rows.items() if not row.failed_at and row.run_at <= self._clock()]
        if not due:
            return None
        _, (job_id, order) = min(due, key=itemgetter(0))  # of equal ones the first
        row = self.rows[job_id, order]
        row.attempt, row.errors, row.run_at = row.attempt + 1, row.errors + 1, self._clock() + lease
        return Conversion(job_id=job_id, order=order, attempt=row.attempt, errors=row.errors)

    @faulty
    async def renew(self, conversion: Conversion, lease: timedelta) -> bool:
        row = self._held(conversion)
        if row is None or not self._lives(conversion.job_id):
            return False
        row.run_at = self._clock() + lease
        return True

    @faulty
    async def give_back(self, conversion: Conversion, after: timedelta, *, counted: bool) -> None:
        if row := self._held(conversion):
            row.run_at, row.errors = self._clock() + after, row.errors - (not counted)

    @faulty
    async def fail(self, conversion: Conversion, reason: Code) -> None:
        if row := self._held(conversion):
            row.failed_at, row.reason = self._clock(), reason

    @faulty
    async def finish(self, conversion: Conversion, artifact: Artifact) -> bool:
        wanted = ordered(conversion.order)
        if not self._lives(conversion.job_id) or self._held(conversion) is None:
            return False
        if conversion.job_id != NO_JOB:
            if wanted is None:
                return False
            job = self._jobs[conversion.job_id]
            job.job = job.job.on(Converted(wanted.name, artifact), self._clock())
        del self.rows[conversion.job_id, conversion.order]
        return True

    @faulty
    async def forget_old(self, age: timedelta, limit: int) -> int:
        before = self._clock() - age
        old = [key for key, row in self.rows.items() if row.requested_at < before or not self._lives(key[0])]
        for key in old[:limit]:
            del self.rows[key]
        return len(old[:limit])

    def _held(self, conversion: Conversion) -> Asked | None:
        row = self.rows.get((conversion.job_id, conversion.order))
        return row if row and row.attempt == conversion.attempt and not row.failed_at else None

    def _open_of(self, client: str) -> int:
        return sum(client != "" and row.client == client and not row.failed_at for row in self.rows.values())

    def _turn_of(self, client: str) -> datetime:
        turns = [row.turn for row in self.rows.values() if client and row.client == client and not row.failed_at]
        return max([self._clock(), *(turn + SPACING for turn in turns)])

    def _lives(self, job_id: JobId) -> bool:
        return job_id == NO_JOB or (job_id in self._jobs and not self._jobs[job_id].expiring)
