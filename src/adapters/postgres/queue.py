"""Jobs as workers see them, in Postgres: leases with fencing tokens."""

import random
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import timedelta
from functools import partial
from typing import Any, Final

import anyio
import asyncpg

from adapters.postgres.documents import DOCUMENT_FORMAT, read_if_possible, reason_of, write_document
from adapters.postgres.load_sql import load_sql
from adapters.postgres.notifier import Notifier
from adapters.postgres.pool import connected
from adapters.postgres.schema import SchemaConnection
from adapters.toolkit.batcher import Batcher
from application.ports.jobs import DatabaseUnavailable
from application.ports.queue import Claim, ClaimRequest, HeartbeatResult, JobLocked, Lease, LeaseLost
from domain.jobs.attempts import ALONE_AFTER, Charge
from domain.jobs.job import Job, JobId
from domain.jobs.retry import jittered
from domain.jobs.transitions import JobStatus

CLAIM_JOBS: Final = load_sql("claim_jobs")
COUNT_SECONDS: Final = load_sql("count_seconds")
SAVE_JOBS: Final = load_sql("save_jobs")
RETURN_CLAIMS: Final = load_sql("return_claims")
READ_LEASE: Final = load_sql("read_lease")
BEAT_LEASES: Final = load_sql("beat_leases")
RETRY_JOB: Final = load_sql("retry_job")
RELEASE_JOBS: Final = load_sql("release_jobs")

LOCK_PAUSES: Final = (0.005, 0.02, 0.1, 0.3, 0.5)
"""Seconds between the attempts to save a job whose row another session holds: mostly a heartbeat, for milliseconds."""

UNREADABLE_PAUSE: Final = timedelta(minutes=10)
"""How long a job that this version cannot read is left to newer workers."""

TIMED: Final = frozenset({Charge.TIME, Charge.ERROR})
"""The charges that include the time under the lease."""

CLAIM_FACTS: Final = (
    "attempt", "errors", "max_attempts", "crashes", "breaks", "lost_worker",
    "worked", "claimed_at", "expired", "cancel_requested", "deadline",
)  # fmt: skip
"""The columns of a claim that are fields of `Claim` under the same names."""

_Save = tuple[Lease, Job, str]
"""The lease, the job, and the job as a document."""


class PostgresQueue:
    """Implements `JobQueue`. A write whose lease is lost changes no row; that is how the loss is noticed.

    Args:
        pool: For everything but heartbeats.
        lease_seconds: How long a claim or a heartbeat lasts.
        max_age: How old an unfinished job may become; older ones are claimed only to be ended.
        heartbeat_pool: A connection for heartbeats alone, so that nothing delays them; else they share `pool`.
        notifier: Told of the versions that were written, for those who watch.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        *,
        lease_seconds: float,
        max_age: timedelta = timedelta(days=1),
        heartbeat_pool: asyncpg.Pool | None = None,
        notifier: Notifier | None = None,
    ) -> None:
        self._pool = pool
        self._max_age = max_age
        self._heartbeat_pool = heartbeat_pool or pool
        self._notifier = notifier
        self._lease = timedelta(seconds=lease_seconds)
        self._saving: Batcher[_Save, bool] = Batcher(self._save_all, key=lambda save: save[0].job_id)

    async def claim(self, request: ClaimRequest) -> Sequence[Claim]:
        """Lease jobs. Those that this version cannot read go back uncounted and are left alone for a while."""
        while request.slots > 0:
            claims = await self._claim_once(request)
            readable = [claim for claim in claims.values() if claim]
            await self._give_back([lease for lease, claim in claims.items() if claim is None])
            if readable or not claims:
                return readable
        return []

    async def _claim_once(self, request: ClaimRequest) -> dict[Lease, Claim | None]:
        """Return what one statement leased; None for jobs that this version cannot read."""
        async with connected(self._pool) as connection:
            rows = await connection.fetch(
                CLAIM_JOBS,
                request.worker,
                self._lease,
                request.slots,
                list(request.kinds),
                DOCUMENT_FORMAT,
                self._max_age,
                request.suspects,
                ALONE_AFTER,
            )
        return {Lease(JobId(row["id"]), row["lease_token"]): _claim(row, request.worker) for row in rows}

    async def return_lost_claims(self, worker: str, held: Collection[JobId]) -> int:
        """Release what is leased to the worker and not held by it."""
        async with connected(self._pool) as connection:
            return len(await connection.fetch(RETURN_CLAIMS, worker, list(held)))

    async def save(self, lease: Lease, job: Job) -> None:
        """Write the new version and renew the lease; repeating a write whose response was lost succeeds."""
        save = (lease, job, write_document(job))
        await _insist(lease, partial(self._try_save, save))

    async def heartbeat(self, leases: Collection[Lease], progress: dict[JobId, float]) -> Sequence[HeartbeatResult]:
        """Extend the leases and write the progress of those jobs that have any."""
        if not leases:
            return []
        arguments = *_keys(leases), [progress.get(lease.job_id) for lease in leases], self._lease
        try:
            rows = await self._fetch(self._heartbeat_pool, BEAT_LEASES, arguments)
        except DatabaseUnavailable:  # at the server's limit a connection that broke may not be replaced
            rows = await self._fetch(self._pool, BEAT_LEASES, arguments)
        return [HeartbeatResult(JobId(row["id"]), row["cancel_requested"], row["renewed"]) for row in rows]

    async def retry(self, lease: Lease, after: timedelta, charge: Charge = Charge.ERROR, waiting_for: str = "") -> None:
        """Release the job until it is due again; repeating a write whose response was lost succeeds."""
        counts = charge in TIMED, charge is Charge.ERROR
        await _insist(lease, partial(self._try_retry, lease, (after, *counts, waiting_for, charge is Charge.BREAK)))

    async def release(self, leases: Collection[Lease]) -> None:
        """Release jobs as if they had never been claimed."""
        if leases:
            async with connected(self._pool) as connection:
                await connection.execute(RELEASE_JOBS, *_keys(leases))

    @staticmethod
    async def _fetch(pool: asyncpg.Pool, statement: str, arguments: tuple[Any, ...]) -> list[asyncpg.Record]:
        async with connected(pool) as connection:
            rows: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
            return rows

    async def _give_back(self, leases: Collection[Lease]) -> None:
        for lease in leases:
            await self.retry(lease, UNREADABLE_PAUSE, Charge.NOTHING, "job_unreadable")

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

    async def _try_retry(self, lease: Lease, arguments: tuple[Any, ...]) -> bool:
        """Return whether the job is released; False if its row was locked.

        Raises:
            LeaseLost: Nothing was written.
        """
        async with connected(self._pool) as connection:
            if await connection.fetchval(RETRY_JOB, *_key(lease), *arguments):
                return True
            row = await connection.fetchrow(READ_LEASE, lease.job_id)
        if row is None or row["lease_token"] != lease.token or row["finished"]:
            raise _lost(lease)
        return not row["held"]

    async def _save_all(self, saves: list[_Save]) -> list[bool]:
        rows = [
            (*_key(lease), document, job.status, job.version, job.status.terminal, job.refused, reason_of(job))
            for lease, job, document in saves
        ]
        arguments = *zip(*rows, strict=True), self._lease, DOCUMENT_FORMAT
        owned = [job for _, job, _ in saves if job.request.owner and job.status is JobStatus.COMPLETED]
        async with connected(self._pool) as connection, _one_transaction(connection, needed=bool(owned)):
            ids = {row["id"] for row in await connection.fetch(SAVE_JOBS, *arguments)}
            if completed := [(job.request.owner, job.music_seconds) for job in owned if job.id in ids]:
                await connection.execute(COUNT_SECONDS, *zip(*completed, strict=True))
        if self._notifier:
            self._notifier.changed(job for lease, job, _ in saves if lease.job_id in ids)
        return [lease.job_id in ids for lease, _, _ in saves]


def _one_transaction(connection: SchemaConnection, *, needed: bool) -> AbstractAsyncContextManager[Any]:
    return connection.transaction() if needed else nullcontext()


async def _insist(lease: Lease, attempt: Callable[[], Awaitable[bool]]) -> None:
    """Write a row, in a few attempts over about a second if another session holds it.

    It waits here, not in the statement: no other job waits with it, and no connection.

    Raises:
        LeaseLost, JobLocked: Nothing was written.
    """
    for pause in LOCK_PAUSES:
        if await attempt():
            return
        await anyio.sleep(jittered(pause, random.random()))  # noqa: S311 - no secret
    if not await attempt():
        raise JobLocked(f"another session holds the row of job {lease.job_id}")


def _claim(row: asyncpg.Record, worker: str) -> Claim | None:
    if (job := read_if_possible(row)) is None:
        return None
    facts = {name: row[name] for name in CLAIM_FACTS}
    return Claim(job=job, lease=Lease(job.id, row["lease_token"]), worker=worker, **facts)


def _key(lease: Lease) -> tuple[JobId, int]:
    return lease.job_id, lease.token


def _keys(leases: Collection[Lease]) -> tuple[list[JobId], list[int]]:
    return [lease.job_id for lease in leases], [lease.token for lease in leases]


def _lost(lease: Lease) -> LeaseLost:
    return LeaseLost(f"lease {lease.token} on job {lease.job_id} is lost")
