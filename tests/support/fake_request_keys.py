"""Idempotency keys in memory."""

from datetime import datetime

import msgspec

from application.ports.clock import Clock
from application.ports.request_keys import HELD, KEPT, Claim, Fingerprint, Kept, KeyInUse, KeyReused
from domain.jobs.job import JobId
from tests.support.fake_faults import Faults, faulty


class Held(msgspec.Struct):
    """A row."""

    fingerprint: Fingerprint
    job_id: JobId
    created_at: datetime
    held_until: datetime
    answer: str | None = None


class InMemoryRequestKeys:
    """Port `RequestKeys`.

    Attributes:
        rows: By the digest of the key.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.rows: dict[bytes, Held] = {}
        self.faults = Faults()

    @faulty
    async def find(self, key: bytes, body: bytes) -> Kept | None:
        row = self._row(key)
        return self._kept(row) if row and row.fingerprint.body == body else None

    @faulty
    async def claim(self, fingerprint: Fingerprint, job_id: JobId) -> Claim | Kept:
        now, row = self._clock(), self._row(fingerprint.key)
        if row is None:
            self.rows[fingerprint.key] = Held(fingerprint, job_id, now, now + HELD)
            return Claim(job_id, again=False)
        if row.fingerprint.payload != fingerprint.payload:
            raise KeyReused
        if kept := self._kept(row):
            return kept
        if row.held_until > now:
            raise KeyInUse
        row.fingerprint, row.held_until = fingerprint, now + HELD
        return Claim(row.job_id, again=True)

    @faulty
    async def answer(self, key: bytes, kept: Kept) -> None:
        if (row := self.rows.get(key)) and row.job_id == kept.job_id:
            row.answer = kept.answer

    @faulty
    async def release(self, key: bytes, job_id: JobId) -> None:
        if (row := self.rows.get(key)) and row.job_id == job_id and row.answer is None:
            row.held_until = self._clock()

    @faulty
    async def forget(self, key: bytes, job_id: JobId) -> None:
        if (row := self.rows.get(key)) and row.job_id == job_id and row.answer is None:
            del self.rows[key]

    @faulty
    async def forget_old(self, limit: int) -> int:
        old = sorted((row.created_at, key) for key, row in self.rows.items() if row.created_at < self._clock() - KEPT)
        for _, key in old[:limit]:
            del self.rows[key]
        return len(old[:limit])

    def _row(self, key: bytes) -> Held | None:
        row = self.rows.get(key)
        return row if row and row.created_at >= self._clock() - KEPT else None

    def _kept(self, row: Held) -> Kept | None:
        return Kept(row.job_id, row.answer) if row.answer is not None else None
