"""Jobs as workers see them, in Postgres: leases with fencing tokens."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

import anyio
import asyncpg

from adapters.postgres.jobs import read_if_possible, write_document
from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from adapters.toolkit.batcher import Batcher
from application.ports.queue import Claim, HeartbeatResult, JobLocked, Lease, LeaseLost
from domain.jobs.job import Job, JobId

CLAIM_JOBS: Final = load_sql("claim_jobs")
SAVE_JOBS: Final = load_sql("save_jobs")
READ_LEASE: Final = load_sql("read_lease")
BEAT_LEASES: Final = load_sql("beat_leases")
RETRY_JOB: Final = load_sql("retry_job")
RELEASE_JOBS: Final = load_sql("release_jobs")

LOCK_PAUSES: Final = (0.005, 0.02, 0.1, 0.3, 0.5)
"""Seconds between the attempts to save a job whose row another session holds: mostly a heartbeat, for milliseconds."""

_Save = tuple[Lease, Job, str]
"""The lease, the job, and the job as a document."""


class PostgresQueue:
    """Implements `JobQueue`. A write whose lease is lost changes no row; that is how the loss is noticed.

    Args:
        pool: For everything but heartbeats.
        lease_seconds: How long a claim or a heartbeat lasts.
        heartbeat_pool: A connection for heartbeats alone, so that nothing delays them; else they share `pool`.
    """

    def __init__(self, pool: asyncpg.Pool, *, lease_seconds: float, heartbeat_pool: asyncpg.Pool | None = None) -> None:
        self._pool = pool
        self._heartbeat_pool = heartbeat_pool or pool
        self._lease = timedelta(seconds=lease_seconds)
        self._saving: Batcher[_Save, bool] = Batcher(self._save_all, key=lambda save: save[0].job_id)

    async def claim(self, worker: str, free_slots: int) -> Sequence[Claim]:
        """Lease jobs. One that this version cannot read is skipped until its lease expires; the others run."""
        if free_slots <= 0:
            return []
        async with connected(self._pool) as connection:
            rows = await connection.fetch(CLAIM_JOBS, worker, self._lease, free_slots)
        return [claim for row in rows if (claim := _claim(row))]

    async def save(self, lease: Lease, job: Job) -> None:
        """Write the new version and renew the lease; repeating a write whose response was lost succeeds.

        A row that another session holds is tried again for about a second. It waits here, not in the statement: no
        other job waits with it, and no connection.
        """
        save = (lease, job, write_document(job))
        for pause in LOCK_PAUSES:
            if await self._try_save(save):
                return
            await anyio.sleep(pause)
        if not await self._try_save(save):
            raise JobLocked(f"another session holds the row of job {lease.job_id}")

    async def heartbeat(self, leases: Collection[Lease], progress: dict[JobId, float]) -> Sequence[HeartbeatResult]:
        """Extend the leases and write the progress of those jobs that have any."""
        if not leases:
            return []
        fractions = [progress.get(lease.job_id) for lease in leases]
        async with connected(self._heartbeat_pool) as connection:
            rows = await connection.fetch(BEAT_LEASES, *_keys(leases), fractions, self._lease)
        return [HeartbeatResult(JobId(row["id"]), row["cancel_requested"], row["renewed"]) for row in rows]

    async def retry(self, lease: Lease, after: timedelta) -> None:
        """Release the job until it is due again; repeating a write whose response was lost succeeds."""
        async with connected(self._pool) as connection:
            if await connection.fetchval(RETRY_JOB, *_key(lease), after):
                return
            row = await connection.fetchrow(READ_LEASE, lease.job_id)
        if row is None or row["lease_token"] != lease.token or row["finished"]:
            raise _lost(lease)

    async def release(self, leases: Collection[Lease]) -> None:
        """Release jobs as if they had never been claimed."""
        if leases:
            async with connected(self._pool) as connection:
                await connection.execute(RELEASE_JOBS, *_keys(leases))

    async def _try_save(self, save: _Save) -> bool:
        """Return whether the version is written; False if the row was locked.

        Tokens and versions only grow, and a lease that has ended stays so. So if the row can be written now, it could
        be written by the statement before, which must have skipped it.

        Raises:
            LeaseLost: Nothing was written.
        """
        if await self._saving(save):
            return True
        lease, job, document = save
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(READ_LEASE, lease.job_id)
        if row is None or row["lease_token"] != lease.token:
            raise _lost(lease)
        if row["document"] == document:
            return True
        if row["held"] and row["version"] < job.version:
            return False
        raise _lost(lease)

    async def _save_all(self, saves: list[_Save]) -> list[bool]:
        rows = [
            (*_key(lease), document, job.status, job.version, job.status.terminal) for lease, job, document in saves
        ]
        async with connected(self._pool) as connection:
            written = await connection.fetch(SAVE_JOBS, *zip(*rows, strict=True), self._lease)
        ids = {row["id"] for row in written}
        return [lease.job_id in ids for lease, _, _ in saves]


def _claim(row: asyncpg.Record) -> Claim | None:
    if (job := read_if_possible(row)) is None:
        return None
    lease = Lease(job_id=job.id, token=row["lease_token"])
    return Claim(job, lease, row["attempt"], row["max_attempts"], row["cancel_requested"])


def _key(lease: Lease) -> tuple[JobId, int]:
    return lease.job_id, lease.token


def _keys(leases: Collection[Lease]) -> tuple[list[JobId], list[int]]:
    return [lease.job_id for lease in leases], [lease.token for lease in leases]


def _lost(lease: Lease) -> LeaseLost:
    return LeaseLost(f"lease {lease.token} on job {lease.job_id} is lost")
