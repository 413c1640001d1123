"""The quarantine of objects without a job, in memory."""

from collections.abc import Collection
from uuid import uuid4

import msgspec

from application.ports.clock import Clock
from application.ports.maintenance import MaintenanceRound
from application.ports.orphans import Installation, Orphan
from domain.jobs.job import JobId
from tests.support.fake_faults import Faults, faulty


class InMemoryOrphans:
    """Port `OrphanStore`.

    Attributes:
        database: The id of the database.
        bucket: The place of the bucket that it remembers.
        orphans: Who is in quarantine.
        cursor: Where the next round begins.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.database = uuid4()
        self.bucket: str | None = None
        self.orphans: dict[JobId, Orphan] = {}
        self.cursor = ""
        self.faults = Faults()

    @faulty
    async def installation(self) -> Installation:
        return Installation(id=self.database, bucket=self.bucket)

    @faulty
    async def remember_bucket(self, place: str) -> None:
        self.bucket = place

    @faulty
    async def find(self, job_ids: Collection[JobId]) -> dict[JobId, Orphan]:
        return {job_id: self.orphans[job_id] for job_id in job_ids if job_id in self.orphans}

    @faulty
    async def record(self, job_ids: Collection[JobId], *, accepted: bool = False) -> None:
        for job_id in job_ids:
            known = self.orphans.setdefault(job_id, Orphan(self._clock(), accepted))
            if accepted:
                self.orphans[job_id] = msgspec.structs.replace(known, accepted=True)

    @faulty
    async def release(self, job_ids: Collection[JobId]) -> None:
        for job_id in job_ids:
            self.orphans.pop(job_id, None)

    @faulty
    async def next_round(self) -> MaintenanceRound:
        return MaintenanceRound(self.cursor, self._clock(), self._clock())
