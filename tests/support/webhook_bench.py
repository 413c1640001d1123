"""Jobs with webhooks in Postgres, and what there is to deliver."""

from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from adapters.postgres.delivery_queue import PostgresDeliveryQueue
from adapters.postgres.job_admin import PostgresJobAdmin
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.notifier import Notifier
from adapters.postgres.queue import PostgresQueue
from adapters.postgres.webhook_deliveries import PostgresWebhookDeliveries
from adapters.postgres.webhook_endpoints import PostgresWebhookEndpoints
from application.ports.queue import Lease
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import Event
from domain.webhooks.events import WebhookEvent
from tests.support.database import EMPTY
from tests.support.jobs import NOW, a_job, room_for

URL: Final = "https://hooks.example/moments?token=secret"
EVERY: Final = tuple(map(str, WebhookEvent))

AGE: Final = """
UPDATE moment.webhook_deliveries
SET
    due_at = due_at - $1::interval,
    leased_until = leased_until - $1::interval,
    settled_at = settled_at - $1::interval,
    occurred_at = occurred_at - $1::interval
"""


class WebhookBench:
    """The ports of jobs and webhooks over one database, whose rows are moved back where time is to pass."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.jobs = PostgresJobs(pool, Notifier(pool))
        self.work = PostgresQueue(pool, lease_seconds=30)
        self.admin = PostgresJobAdmin(pool)
        self.endpoints = PostgresWebhookEndpoints(pool)
        self.deliveries = PostgresWebhookDeliveries(pool)
        self.queue = PostgresDeliveryQueue(pool)

    async def add(self, url: str = URL, events: tuple[str, ...] = (), owner: str = "", **request: Any) -> Job:
        """Add a job whose request names a webhook, if there is a URL."""
        if url:
            await self.endpoints.name(owner, url)
        job = a_job(JobId(uuid4()))
        request |= {"webhook": url, "webhook_events": events, "owner": owner}
        job = msgspec.structs.replace(job, request=msgspec.structs.replace(job.request, **request))
        await self.jobs.add(job)
        return job

    async def claimed(self) -> Lease:
        """Lease the one job that waits."""
        (claim,) = await self.work.claim(room_for("w", 1))
        return claim.lease

    async def advance(self, job: Job, lease: Lease, *events: Event) -> Job:
        """Store the job after some events, in one statement."""
        for seconds, event in enumerate(events, start=1):
            job = job.on(event, NOW + timedelta(seconds=seconds + job.version))
        await self.work.save(lease, job)
        return job

    async def ended(self, **named: Any) -> Job:
        """Add a job and cancel it."""
        return await self.jobs.cancel((await self.add(**named)).id)

    async def events(self, job: Job) -> list[str]:
        """Return what was noted of a job, oldest first."""
        return [str(found.event) for found in reversed(await self.deliveries.of_job(job.id, 100))]

    async def pass_time(self, seconds: float) -> None:
        """Make everything about deliveries so much older."""
        await self.pool.execute(AGE, timedelta(seconds=seconds))


@pytest.fixture
async def webhook_bench(shared_pool: asyncpg.Pool) -> WebhookBench:
    """Provide these ports over the module's database."""
    await shared_pool.execute(EMPTY)
    return WebhookBench(shared_pool)
