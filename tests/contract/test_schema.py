"""Which schema our tables are in: a new one of our own, or the one in which an older release created them."""

from uuid import uuid4

import asyncpg
import pytest

from adapters.postgres.connection import open_connection
from adapters.postgres.dsn import normalise
from adapters.postgres.inspection import read_schema
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.migrate import migrate, pending
from adapters.postgres.notifier import Notifier
from adapters.postgres.pool import connected, open_pool
from adapters.postgres.queue import PostgresQueue
from adapters.postgres.schema import in_schema
from adapters.postgres.shipped_migrations import shipped
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus
from tests.support.database import EMPTY_ON_EVERY_SERVER, LOGIN
from tests.support.jobs import NOW, STARTED, a_job, room_for
from tests.support.older_schema import RELEASED, create_as_before

pytestmark = pytest.mark.anyio

NAMES = [migration.name for migration in shipped()]

TABLES = [
    "api_keys",
    "chores",
    "conversions",
    "counts",
    "installation",
    "jobs",
    "orphans",
    "pauses",
    "request_keys",
    "schema_migrations",
    "shares",
    "turns",
    "uploads",
    "usage",
    "webhook_deliveries",
    "webhook_endpoints",
    "webhook_secrets",
    "workers",
]

FOREIGN = """
CREATE TABLE public.jobs (id uuid PRIMARY KEY, status text NOT NULL, result json);
CREATE TABLE public.schema_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL);
INSERT INTO public.jobs VALUES ('00000000-0000-0000-0000-000000000001', 'SUCCESS', '{}');
INSERT INTO public.schema_migrations VALUES ('0001_jobs', now())
"""
"""A table as the Celery version has it, and somebody else's list of migrations."""


async def run(url: str, *statements: str) -> None:
    async with open_connection(normalise(url), 10) as connection:
        for statement in statements:
            await connection.execute(statement)


async def release_before(url: str, schema: str, versions: int = RELEASED) -> None:
    async with open_connection(normalise(url), 10) as connection:
        await create_as_before(connection, schema, versions)


async def tables(url: str) -> dict[str, list[str]]:
    """Return the names of all tables, by schema."""
    async with open_connection(normalise(url), 10) as connection:
        rows = await connection.fetch(
            "SELECT schemaname, array_agg(tablename::text ORDER BY tablename) FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') GROUP BY 1"
        )
    return dict(rows)


async def pass_a_job_through(pool: asyncpg.Pool) -> None:
    """Use statements of all kinds: plain ones, the function, batches."""
    jobs, queue = PostgresJobs(pool, Notifier(pool)), PostgresQueue(pool, lease_seconds=30)
    job = a_job(JobId(uuid4()))
    await jobs.ping()
    await jobs.add(job)
    (claim,) = await queue.claim(room_for("w", 10))
    await queue.save(claim.lease, job.on(STARTED, NOW))
    assert len(await queue.heartbeat([claim.lease], {job.id: 0.5})) == 1
    view = await jobs.get(job.id)
    assert (view.job, view.progress) == (job.on(STARTED, NOW), 0.5)
    await queue.release([claim.lease])
    assert (await jobs.cancel(job.id)).status is JobStatus.CANCELLED


@EMPTY_ON_EVERY_SERVER
async def test_a_new_database_gets_a_schema_of_our_own(empty_database_url: str) -> None:
    assert await migrate(normalise(empty_database_url)) == NAMES
    assert await tables(empty_database_url) == {"moment": TABLES}
    async with open_pool(normalise(empty_database_url)) as pool:
        await pass_a_job_through(pool)


@EMPTY_ON_EVERY_SERVER
async def test_tables_of_others_with_our_names_stay_as_they_are(empty_database_url: str) -> None:
    await run(empty_database_url, FOREIGN)
    assert await migrate(normalise(empty_database_url)) == NAMES
    assert await tables(empty_database_url) == {"moment": TABLES, "public": ["jobs", "schema_migrations"]}
    async with open_pool(normalise(empty_database_url)) as pool:
        await pass_a_job_through(pool)
        assert [tuple(row.values())[1:] for row in await pool.fetch("SELECT * FROM public.jobs")] == [("SUCCESS", "{}")]


@pytest.mark.parametrize("versions", [1, RELEASED])
@EMPTY_ON_EVERY_SERVER
async def test_an_installation_of_an_older_release_stays_where_it_is(empty_database_url: str, versions: int) -> None:
    await release_before(empty_database_url, "public", versions)
    assert (await read_schema(normalise(empty_database_url))).missing == NAMES[versions:]
    assert await migrate(normalise(empty_database_url)) == NAMES[versions:]
    assert await tables(empty_database_url) == {"public": TABLES}
    async with open_pool(normalise(empty_database_url)) as pool:
        await pass_a_job_through(pool)
    assert (await read_schema(normalise(empty_database_url))).name == "public"


async def test_an_installation_where_the_search_path_of_its_role_leads(empty_database_url: str) -> None:
    path = 'ALTER DATABASE {} SET search_path = "Odd-name", public'
    name = normalise(empty_database_url).url.rpartition("/")[2].partition("?")[0]
    await run(empty_database_url, 'CREATE SCHEMA "Odd-name"', path.format(name))
    await release_before(empty_database_url, '"Odd-name"')
    assert await migrate(normalise(empty_database_url)) == NAMES[RELEASED:]
    assert await tables(empty_database_url) == {"Odd-name": TABLES}
    async with open_pool(normalise(empty_database_url)) as pool:
        await pass_a_job_through(pool)


async def test_the_search_path_is_not_needed(empty_database_url: str) -> None:
    await release_before(empty_database_url, "public")
    nowhere = normalise(f"{empty_database_url}&options=-c%20search_path%3Dpg_catalog")
    assert await migrate(nowhere) == NAMES[RELEASED:]
    async with open_pool(nowhere) as pool:
        assert await pool.fetchval("SHOW search_path") == "pg_catalog"
        await pass_a_job_through(pool)
    assert await tables(empty_database_url) == {"public": TABLES}


async def test_an_older_release_that_migrates_later_does_not_lead_us_away(empty_database_url: str) -> None:
    await migrate(normalise(empty_database_url))
    await release_before(empty_database_url, "public")
    assert (await read_schema(normalise(empty_database_url))).name == "moment"
    assert await migrate(normalise(empty_database_url)) == []


async def test_a_schema_that_appears_later_does_not_lead_an_older_installation_away(empty_database_url: str) -> None:
    await release_before(empty_database_url, "public")
    await migrate(normalise(empty_database_url))
    await run(empty_database_url, "CREATE SCHEMA moment")
    await release_before(empty_database_url, "moment")
    assert (await read_schema(normalise(empty_database_url))).name == "public"


@pytest.mark.parametrize("older", [True, False])
async def test_an_open_pool_finds_what_is_migrated_later(empty_database_url: str, older: bool) -> None:
    async with open_pool(normalise(empty_database_url), max_size=1) as pool:
        assert await pending(pool) == NAMES
        if older:
            await release_before(empty_database_url, "public")
            assert await pending(pool) == NAMES[RELEASED:]
        await migrate(normalise(empty_database_url))
        await pass_a_job_through(pool)


@pytest.mark.parametrize("schema", ["moment", "public"])
async def test_through_a_transaction_pooler(pooled_url: str, database_url: str, schema: str) -> None:
    await run(database_url, "DROP SCHEMA moment CASCADE")
    if schema == "public":
        await release_before(database_url, "public")
    await migrate(normalise(pooled_url))
    assert await tables(database_url) == {schema: TABLES}
    async with open_pool(normalise(pooled_url), max_size=4) as pool:
        for _ in range(4):
            await pass_a_job_through(pool)
        await pool.execute("SET search_path = pg_catalog")  # as another client of the pooler may leave it
        for _ in range(4):
            await pass_a_job_through(pool)


async def test_each_database_has_one_id_for_ever(empty_database_url: str) -> None:
    await migrate(normalise(empty_database_url))
    read = "SELECT id FROM moment.installation"
    async with open_pool(normalise(empty_database_url)) as pool, connected(pool) as connection:
        (row,) = await connection.fetch(read)
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("INSERT INTO moment.installation DEFAULT VALUES")
        await migrate(normalise(empty_database_url))
        assert await connection.fetch(read) == [row]


async def test_a_role_without_rights_is_told_where_the_tables_are(empty_database_url: str) -> None:
    await release_before(empty_database_url, "public")
    await run(empty_database_url, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
    async with open_pool(normalise(empty_database_url), max_size=1) as pool:
        await pool.execute(f"SET ROLE {LOGIN}")
        async with connected(pool) as connection:
            assert connection.schema == "public"


def test_only_the_name_before_a_dot_is_replaced() -> None:
    statement = "SELECT pg_notify('moment_work', '') FROM moment.jobs, moments.x -- at that moment."
    assert in_schema(statement, '"a\\b"') == statement.replace("moment.jobs", '"a\\b".jobs')
    assert in_schema(statement, "moment") == statement
