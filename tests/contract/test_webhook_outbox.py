"""The outbox: every statement that changes the state of a job notes it for its webhooks, in the same statement."""

import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest

from adapters.postgres.celery_jobs import PostgresCeleryJobs
from domain.errors import JobError
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import Failed, JobStatus
from domain.webhooks.events import ENDINGS, WebhookEvent
from tests.support.jobs import HAPPY_PATH, STARTED, a_job_that_is
from tests.support.webhook_bench import EVERY, URL, WebhookBench

pytestmark = pytest.mark.anyio

ROOT: Final = Path(__file__).parents[2] / "src" / "adapters" / "postgres"
CANCEL: Final = "UPDATE moment.jobs SET status = 'CANCELLED', finished_at = now() WHERE id = $1"
FAILED: Final = Failed(JobError("tool_failed", "it failed"))

CHANGES_STATUS: Final = re.compile(
    r"UPDATE\s+moment\.jobs\b(?:(?!\bWHERE\b|;).)*?(?:\bSET|,)\s+status\s*="
    r"|INSERT\s+INTO\s+moment\.jobs\s*\([^)]*\bstatus\b",
    re.IGNORECASE | re.DOTALL,
)


@pytest.fixture
def bench(webhook_bench: WebhookBench) -> WebhookBench:
    return webhook_bench


async def _adds(bench: WebhookBench) -> tuple[Job, Sequence[str]]:
    return await bench.add(events=EVERY), ["moment.pending"]


async def _saves(bench: WebhookBench) -> tuple[Job, Sequence[str]]:
    job = await bench.add(events=EVERY)
    job = await bench.advance(job, await bench.claimed(), STARTED)
    return job, ["moment.pending", "moment.analyzing"]


async def _cancels(bench: WebhookBench) -> tuple[Job, Sequence[str]]:
    return await bench.ended(events=EVERY), ["moment.pending", "moment.cancelled"]


async def _retries(bench: WebhookBench) -> tuple[Job, Sequence[str]]:
    job = await bench.add(events=EVERY)
    job = await bench.advance(job, await bench.claimed(), STARTED, FAILED)
    await bench.admin.retry(job.id)
    return job, ["moment.pending", "moment.analyzing", "moment.failed", "moment.pending"]


async def _imports(bench: WebhookBench) -> tuple[Job, Sequence[str]]:
    job = a_job_that_is(JobStatus.COMPLETED, JobId(uuid4()))
    assert await PostgresCeleryJobs(bench.pool).add(job)
    return job, []  # whoever imports old moments has been told of them


TOLD: Final[dict[str, Callable[[WebhookBench], Awaitable[tuple[Job, Sequence[str]]]]]] = {
    "add_jobs": _adds,
    "save_jobs": _saves,
    "cancel_job": _cancels,
    "retry_failed": _retries,
    "import_job": _imports,
}
"""Every statement that changes the state of a job, and what is noted when it does."""


def test_every_statement_that_changes_a_state_is_tried_here() -> None:
    found = {path.stem for path in ROOT.glob("sql/*.sql") if CHANGES_STATUS.search(path.read_text())}
    assert found == set(TOLD)


def test_no_function_of_the_database_changes_a_state() -> None:
    migrations = [path.name for path in ROOT.glob("migrations/*.sql") if CHANGES_STATUS.search(path.read_text())]
    assert migrations == []


def test_no_module_has_such_a_statement_of_its_own() -> None:
    source = ROOT.parents[1]
    assert [path.name for path in source.rglob("*.py") if CHANGES_STATUS.search(path.read_text())] == []


@pytest.mark.parametrize("statement", TOLD)
async def test_it_notes_the_state(bench: WebhookBench, statement: str) -> None:
    job, events = await TOLD[statement](bench)
    assert await bench.events(job) == list(events)


async def test_a_state_is_noted_by_whatever_statement_changes_it(bench: WebhookBench) -> None:
    job = await bench.add()
    await bench.pool.execute(CANCEL, job.id)
    (delivery,) = await bench.deliveries.of_job(job.id, 10)
    assert delivery.event is WebhookEvent.CANCELLED
    assert abs((delivery.occurred_at - (await bench.pool.fetchval("SELECT now()"))).total_seconds()) < 60


async def test_states_that_are_stored_together_are_all_noted_with_their_times(bench: WebhookBench) -> None:
    job = await bench.add(events=EVERY)
    job = await bench.advance(job, await bench.claimed(), *HAPPY_PATH[:-1])
    found = (await bench.deliveries.of_job(job.id, 10))[::-1]
    assert [str(delivery.event.status) for delivery in found] == [str(change.status) for change in job.history]
    assert [delivery.occurred_at for delivery in found] == [change.at for change in job.history]


async def test_without_a_choice_only_the_endings_are_noted(bench: WebhookBench) -> None:
    assert await bench.events(await bench.ended()) == ["moment.cancelled"]
    assert set(ENDINGS) == {WebhookEvent.COMPLETED, WebhookEvent.FAILED, WebhookEvent.CANCELLED}


async def test_a_job_without_a_webhook_leaves_nothing(bench: WebhookBench) -> None:
    await bench.endpoints.add("other", URL, list(WebhookEvent), whole=False)
    assert await bench.events(await bench.ended(url="")) == []
    assert await bench.events(await bench.ended(url="", owner="anna")) == []


async def test_an_owner_is_told_of_every_job_once(bench: WebhookBench) -> None:
    await bench.endpoints.add("anna", URL, [WebhookEvent.CANCELLED], whole=True)
    await bench.endpoints.add("anna", URL + "2", [WebhookEvent.FAILED], whole=False)
    assert await bench.events(await bench.ended(url="", owner="anna")) == ["moment.cancelled"]
    assert await bench.events(await bench.ended(owner="anna", events=EVERY)) == ["moment.pending", "moment.cancelled"]


async def test_a_disabled_endpoint_is_told_nothing(bench: WebhookBench) -> None:
    job = await bench.add()
    await bench.pool.execute("UPDATE moment.webhook_endpoints SET disabled_at = now()")
    await bench.jobs.cancel(job.id)
    assert await bench.events(job) == []


async def test_what_was_noted_goes_with_the_job(bench: WebhookBench) -> None:
    job = await bench.ended()
    await bench.pool.execute("DELETE FROM moment.jobs WHERE id = $1", job.id)
    assert await bench.pool.fetchval("SELECT count(*) FROM moment.webhook_deliveries") == 0


async def test_a_transition_that_is_rolled_back_is_told_to_nobody(bench: WebhookBench) -> None:
    job = await bench.add()
    async with bench.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(CANCEL, job.id)
        await transaction.rollback()
    assert await bench.events(job) == []
