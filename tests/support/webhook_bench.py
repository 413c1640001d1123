"""Jobs with webhooks in Postgres, and what there is to deliver."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from adapters.postgres.delivery_queue import PostgresDeliveryQueue
from adapters.postgres.dsn import normalise
from adapters.postgres.job_admin import PostgresJobAdmin
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.notifier import Notifier
from adapters.postgres.pool import open_pool
from adapters.postgres.queue import PostgresQueue
from adapters.postgres.webhook_deliveries import PostgresWebhookDeliveries
from adapters.postgres.webhook_endpoints import PostgresWebhookEndpoints
from application.ports.queue import Lease
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import Event
from domain.webhooks.events import WebhookEvent
from tests.support.database import TEMPLATE, copied
from tests.support.jobs import NOW, a_job, room_for

URL: Final = "https://hooks.example/moments?token=secret"
EVERY: Final = tuple(map(str, WebhookEvent))

CLEAR: Final = """
DELETE FROM moment.jobs;
DELETE FROM moment.webhook_deliveries;
DELETE FROM moment.webhook_endpoints;
DELETE FROM moment.webhook_secrets
"""

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

    async def clear(self) -> None:
        """Forget everything."""
        await self.pool.execute(CLEAR)


@pytest.fixture(scope="module")
def webhook_database(database_template: str) -> Iterator[str]:
    """Provide a database that the tests of a module use one after the other."""
    yield from copied(database_template, TEMPLATE)


@pytest.fixture(scope="module")
async def shared_webhook_bench(webhook_database: str) -> AsyncIterator[WebhookBench]:
    """Provide the ports over that database."""
    async with open_pool(normalise(webhook_database), max_size=8) as pool:
        yield WebhookBench(pool)


@pytest.fixture
async def webhook_bench(shared_webhook_bench: WebhookBench) -> WebhookBench:
    """Provide the same ports, over empty tables."""
    await shared_webhook_bench.clear()
    return shared_webhook_bench
