"""A test bench for the queue's ports over any implementation, with control over time and priorities."""

from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import asyncpg

from adapters.postgres.api_keys import PostgresApiKeys
from adapters.postgres.backlog import PostgresBacklog
from adapters.postgres.conversions import PostgresConversions
from adapters.postgres.job_lists import PostgresJobLists
from adapters.postgres.orphan_store import PostgresOrphanStore
from adapters.postgres.request_keys import PostgresRequestKeys
from adapters.postgres.retention_store import PostgresRetentionStore
from adapters.postgres.shares import PostgresShares
from adapters.postgres.uploads import PostgresUploads
from adapters.postgres.usage import PostgresUsage
from adapters.postgres.worker_registry import PostgresWorkerRegistry
from application.ports.api_keys import ApiKeys
from application.ports.backlog import BacklogReader
from application.ports.conversions import Conversions
from application.ports.job_admin import JobAdmin
from application.ports.job_lists import JobLists
from application.ports.jobs import JobRepository
from application.ports.maintenance import RetentionStore
from application.ports.orphans import OrphanStore
from application.ports.queue import JobQueue
from application.ports.request_keys import RequestKeys
from application.ports.shares import Shares
from application.ports.uploads import Uploads
from application.ports.usage import Usage
from application.ports.workers import WorkerReport
from domain.jobs.job import JobId
from tests.support.fake_api_keys import InMemoryApiKeys
from tests.support.fake_backlog import InMemoryBacklog
from tests.support.fake_conversions import InMemoryConversions
from tests.support.fake_job_lists import InMemoryJobLists
from tests.support.fake_orphans import InMemoryOrphans
from tests.support.fake_queue import InMemoryJobs
from tests.support.fake_request_keys import InMemoryRequestKeys
from tests.support.fake_shares import InMemoryShares
from tests.support.fake_upkeep import InMemoryUpkeep
from tests.support.fake_uploads import InMemoryUploads
from tests.support.fake_usage import InMemoryUsage
from tests.support.jobs import NOW

SLOTS: Final = 8
"""Of the worker that tests employ."""

AGE_JOBS: Final = """
UPDATE moment.jobs
SET
    run_at = run_at - $1::interval,
    lease_expires_at = lease_expires_at - $1::interval,
    claimed_at = claimed_at - $1::interval,
    queued_at = queued_at - $1::interval,
    deadline = deadline - $1::interval,
    created_at = created_at - $1::interval,
    updated_at = updated_at - $1::interval,
    finished_at = finished_at - $1::interval
"""

AGE_KEYS: Final = """
UPDATE moment.request_keys SET created_at = created_at - $1::interval, held_until = held_until - $1::interval
"""


AGE_CONVERSIONS: Final = """
UPDATE moment.conversions
SET run_at = run_at - $1::interval, failed_at = failed_at - $1::interval, requested_at = requested_at - $1::interval
"""
AGE_USAGE: Final = "UPDATE moment.usage SET month = date_trunc('month', month - $1::interval)"


class Bench(Protocol):
    """What a contract test needs besides the ports."""

    jobs: JobRepository
    queue: JobQueue
    retention_store: RetentionStore
    orphan_store: OrphanStore
    job_admin: JobAdmin
    request_keys: RequestKeys
    uploads: Uploads
    api_keys: ApiKeys
    shares: Shares
    conversions: Conversions
    job_lists: JobLists
    usage: Usage
    backlog: BacklogReader

    async def pass_time(self, seconds: float) -> None:
        """Make everything so much older: leases, delays, what has ended, the last turn, the quarantine, the keys."""

    async def prioritise(self, job_id: JobId, priority: int) -> None:
        """Set a job's priority."""

    def now(self) -> datetime:
        """Return the time of the queue's clock."""

    async def employ(self) -> None:
        """Let the fleet know of a worker that can run everything."""


class MemoryBench:
    """The fake, with a clock that only `pass_time` moves."""

    def __init__(self) -> None:
        self._now = NOW
        self._memory = InMemoryJobs(lambda: self._now)
        self.jobs: JobRepository = self._memory
        self.queue: JobQueue = self._memory
        conversions = InMemoryConversions(self._memory, lambda: self._now)
        upkeep = InMemoryUpkeep(self._memory, lambda: self._now, conversions)
        self.retention_store: RetentionStore = upkeep
        self.orphan_store: OrphanStore = InMemoryOrphans(lambda: self._now)
        self.job_admin: JobAdmin = upkeep
        self.request_keys: RequestKeys = InMemoryRequestKeys(lambda: self._now)
        self.uploads: Uploads = InMemoryUploads(lambda: self._now)
        self.api_keys: ApiKeys = InMemoryApiKeys(lambda: self._now)
        self.shares: Shares = InMemoryShares(self._memory, lambda: self._now)
        self.conversions: Conversions = conversions
        self.job_lists: JobLists = InMemoryJobLists(self._memory)
        self.usage: Usage = InMemoryUsage(self._memory.counts, lambda: self._now)
        self._backlog = InMemoryBacklog(self._memory, lambda: self._now)
        self.backlog: BacklogReader = self._backlog

    async def pass_time(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    async def prioritise(self, job_id: JobId, priority: int) -> None:
        self._memory.rows[job_id].priority = priority

    def now(self) -> datetime:
        return self._now

    async def employ(self) -> None:
        self._backlog.slots = SLOTS


class PostgresBench:
    """Postgres, whose clock cannot be turned: the rows are moved back instead."""

    def __init__(self, *, jobs: JobRepository, queue: JobQueue, job_admin: JobAdmin, pool: asyncpg.Pool) -> None:
        self.jobs = jobs
        self.queue = queue
        self.retention_store: RetentionStore = PostgresRetentionStore(pool)
        self.orphan_store: OrphanStore = PostgresOrphanStore(pool)
        self.job_admin = job_admin
        self.request_keys: RequestKeys = PostgresRequestKeys(pool)
        self.uploads: Uploads = PostgresUploads(pool)
        self.api_keys: ApiKeys = PostgresApiKeys(pool)
        self.shares: Shares = PostgresShares(pool)
        self.conversions: Conversions = PostgresConversions(pool)
        self.job_lists: JobLists = PostgresJobLists(pool)
        self.usage: Usage = PostgresUsage(pool)
        self.backlog: BacklogReader = PostgresBacklog(pool)
        self.pool = pool

    async def pass_time(self, seconds: float) -> None:
        await self.pool.execute(AGE_JOBS, timedelta(seconds=seconds))
        await self.pool.execute("UPDATE moment.chores SET due_at = due_at - $1::interval", timedelta(seconds=seconds))
        await self.pool.execute(
            "UPDATE moment.orphans SET seen_at = seen_at - $1::interval", timedelta(seconds=seconds)
        )
        await self.pool.execute(AGE_KEYS, timedelta(seconds=seconds))
        await self.pool.execute(AGE_CONVERSIONS, timedelta(seconds=seconds))
        await self.pool.execute(AGE_USAGE, timedelta(seconds=seconds))
        await self.pool.execute(
            "UPDATE moment.uploads SET created_at = created_at - $1::interval", timedelta(seconds=seconds)
        )
        await self.pool.execute(
            "UPDATE moment.api_keys SET last_used_at = last_used_at - $1::interval", timedelta(seconds=seconds)
        )

    async def prioritise(self, job_id: JobId, priority: int) -> None:
        await self.pool.execute("UPDATE moment.jobs SET priority = $2 WHERE id = $1", job_id, priority)

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def employ(self) -> None:
        report = WorkerReport(name="w", version="1", host="h", slots=SLOTS, running=0)
        await PostgresWorkerRegistry(self.pool).report(report)
