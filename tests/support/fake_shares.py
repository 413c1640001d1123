"""Links to music in memory."""

from collections.abc import Sequence

import msgspec

from application.ports.clock import Clock
from application.ports.jobs import JobNotFound
from application.ports.shares import Share
from domain.jobs.job import JobId
from tests.support.fake_faults import Faults, faulty
from tests.support.fake_queue import InMemoryJobs


class InMemoryShares:
    """Port `Shares`.

    Attributes:
        rows: By token.
        revoked: The tokens of those that are revoked.
    """

    def __init__(self, jobs: InMemoryJobs, clock: Clock) -> None:
        self._jobs = jobs.rows
        self._clock = clock
        self.rows: dict[str, Share] = {}
        self.revoked: set[str] = set()
        self.faults = Faults()

    @faulty
    async def add(self, job_id: JobId, token: str, key: str) -> Share:
        if not self._lives(job_id):
            raise JobNotFound(job_id)
        new = Share(token=token, job_id=job_id, key=key, stored=False, created_at=self._clock())
        return self.rows.setdefault((self._of(job_id) or new).token, new)

    @faulty
    async def confirm(self, token: str) -> bool:
        if await self.find(token) is None:
            return False
        self.rows[token] = msgspec.structs.replace(self.rows[token], stored=True)
        return True

    @faulty
    async def find(self, token: str) -> Share | None:
        return None if token in self.revoked else self.rows.get(token)

    @faulty
    async def revoke(self, job_id: JobId) -> Share | None:
        if share := self._of(job_id):
            self.revoked.add(share.token)
        return share

    @faulty
    async def dead(self, limit: int) -> Sequence[Share]:
        revoked = [share for share in self.rows.values() if share.token in self.revoked]
        orphaned = [s for s in self.rows.values() if s.token not in self.revoked and not self._lives(s.job_id)]
        return [*revoked[:limit], *orphaned[:limit]]

    @faulty
    async def forget(self, token: str) -> None:
        self.rows.pop(token, None)
        self.revoked.discard(token)

    def _of(self, job_id: JobId) -> Share | None:
        live = (share for share in self.rows.values() if share.token not in self.revoked)
        return next((share for share in live if share.job_id == job_id), None)

    def _lives(self, job_id: JobId) -> bool:
        return job_id in self._jobs and not self._jobs[job_id].expiring
