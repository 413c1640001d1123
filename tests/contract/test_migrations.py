"""Migrations on real servers: fresh, from every version, again, side by side, after a death, after an edit."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import NAMESPACE_OID, uuid5

import anyio
import asyncpg
import msgspec
import pytest
from click.testing import CliRunner

import adapters.postgres.migrate
from adapters.postgres.connection import open_connection
from adapters.postgres.dsn import Dsn, normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.migrate import (
    LOCK_MIGRATIONS,
    _apply,
    migrate,
    pending,
)
from adapters.postgres.migration_errors import MigrationBlocked, MigrationChanged, MigrationDenied
from adapters.postgres.notifier import Notifier
from adapters.postgres.pool import open_pool
from adapters.postgres.queue import PostgresQueue
from adapters.postgres.schema import NEW_SCHEMA
from adapters.postgres.shipped_migrations import shipped
from application.ports.jobs import DatabaseUnavailable
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus
from entrypoints.cli import main
from tests.support.database import EMPTY_ON_EVERY_SERVER, LOGIN, ON_EVERY_SERVER, execute, logged_in
from tests.support.jobs import a_job_that_is, room_for
from tests.support.older_schema import RELEASED as OLDER
from tests.support.older_schema import create_as_before

pytestmark = pytest.mark.anyio

NAMES = [migration.name for migration in shipped()]

RELEASED = {
    "0001_jobs": "10f326808a4e7cad411492f92fa8dcd0a379ab62f901d7139ae88863509e9478",
    "0002_upkeep": "51e10c019eb29a7428798c1ba3481f1f158e51f1a81a2eb7e22106a953a4362f",
    "0003_claim": "ce604ec37c0dbe752edcf75c5462da2cd7fb9834ea22f8d4c74be5e15d4b5319",
    "0004_claim_facts": "e795707fd89ae42864345ba9ba4683c80315c0ce23e24926d88142f4a99a35a7",
}
"""What databases out there have applied."""

ALTERING = NAMES.index("0004_claim_facts")
"""A migration that must wait for those who read the jobs, and for their claims of the time."""

KNOWN = [*range(1, OLDER + 1), *range(OLDER + 5, len(NAMES) - 1, 5), len(NAMES) - 1]
"""Versions that databases have: each that was released, the one before this, and some that developers had."""

AFRESH = dict[str, dict[str, list[str]]]()

QUEUED = 0.5
"""Seconds after which a read that takes milliseconds has been waiting in line."""

MARGIN = 1.5
"""Seconds that a loaded machine may take on top."""

STATES = [JobStatus.PENDING, JobStatus.RENDERING, JobStatus.COMPLETED, JobStatus.FAILED]

INSERT_JOB = """
INSERT INTO {}.jobs (id, status, version, output_kind, finished_at, document)
VALUES ($1, $2, $3, $4, CASE WHEN $5 THEN now() END, $6)
"""
"""As the first version knew them."""


DESCRIBE = """
SELECT format('%s %s', kind, name) AS name, array_agg(fact ORDER BY fact) AS facts
FROM (
    SELECT 'relation', oid::regclass::text, concat_ws(
        ' ', relkind, relpersistence, reloptions, obj_description(oid, 'pg_class')
    )
    FROM pg_class WHERE relnamespace = $1::regnamespace
    UNION ALL
    SELECT 'toast of', owner.oid::regclass::text, toast.reloptions::text
    FROM pg_class AS owner JOIN pg_class AS toast ON toast.oid = owner.reltoastrelid
    WHERE owner.relnamespace = $1::regnamespace
    UNION ALL
    SELECT 'column', format('%s.%s', attrelid::regclass, attname), concat_ws(
        ' ', format_type(atttypid, atttypmod), attnotnull, attstorage, attcompression, attcollation::regcollation,
        pg_get_expr(adbin, adrelid), col_description(attrelid, attnum)
    )
    FROM pg_attribute
    JOIN pg_class ON pg_class.oid = attrelid AND relnamespace = $1::regnamespace
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'constraint', format('%s.%s', conrelid::regclass, conname), pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = $1::regnamespace
    UNION ALL
    SELECT 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid AND relnamespace = $1::regnamespace
    UNION ALL
    SELECT 'function', oid::regprocedure::text, concat_ws(' ', pg_get_functiondef(oid), obj_description(oid, 'pg_proc'))
    FROM pg_proc WHERE pronamespace = $1::regnamespace AND prokind IN ('f', 'p')
    UNION ALL
    SELECT 'trigger', format('%s.%s', tgrelid::regclass, tgname), pg_get_triggerdef(oid)
    FROM pg_trigger WHERE NOT tgisinternal
) AS facts (kind, name, fact)
GROUP BY kind, name
"""
"""Everything that a migration can make, by its name: not by its place, since columns may have been added later."""


async def described(pool: asyncpg.Pool, schema: str) -> dict[str, list[str]]:
    """Return everything that is in a schema, without its name."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(f"SET LOCAL search_path = {schema}")
        found = await connection.fetch(DESCRIBE, schema)
    return {row["name"]: [str(fact).replace(f"{schema}.", "") for fact in row["facts"]] for row in found}


async def migrated_to(url: str, versions: int, schema: str = NEW_SCHEMA) -> None:
    """Leave the database as an older release had it, with jobs of its time in it."""
    async with open_connection(normalise(url), 10) as connection:
        if schema != NEW_SCHEMA:
            await create_as_before(connection, schema)
        for migration in shipped()[:versions]:
            await _apply(normalise(url), connection, migration)
        await connection.executemany(INSERT_JOB.format(schema), [row(status) for status in STATES])


def row(status: JobStatus) -> tuple[object, ...]:
    job = a_job_that_is(status, id_of(status))
    kind = job.request.output_kind
    return job.id, status, job.version, kind, status.terminal, msgspec.json.encode(job).decode()


def id_of(status: JobStatus) -> JobId:
    return JobId(uuid5(NAMESPACE_OID, status))


@asynccontextmanager
async def a_long_reader(url: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Keep a transaction open that has read the jobs; yield what ends it."""
    reader = await asyncpg.connect(normalise(url).url, timeout=5, command_timeout=10)
    try:
        await reader.execute("BEGIN")
        await reader.fetch("SELECT id FROM moment.jobs")

        async def finish() -> None:
            if reader.is_in_transaction():
                await reader.execute("ROLLBACK")

        yield finish
    finally:
        await reader.close()


@EMPTY_ON_EVERY_SERVER
async def test_a_fresh_database_gets_everything_once(empty_database_url: str) -> None:
    dsn = normalise(empty_database_url)
    async with open_pool(dsn) as pool:
        assert await pending(pool) == NAMES
        with pytest.raises(DatabaseUnavailable, match=NAMES[0]):
            await PostgresJobs(pool, Notifier(pool)).ping()
        assert await migrate(dsn) == NAMES
        assert await migrate(dsn) == []
        assert await pending(pool) == []
        await PostgresJobs(pool, Notifier(pool)).ping()


@EMPTY_ON_EVERY_SERVER
async def test_migrators_side_by_side_apply_each_file_once(empty_database_url: str) -> None:
    applied: list[str] = []

    async def run() -> None:
        applied.extend(await migrate(normalise(empty_database_url)))

    async with anyio.create_task_group() as migrators:
        for _ in range(4):
            migrators.start_soon(run)
    assert sorted(applied) == NAMES


@EMPTY_ON_EVERY_SERVER
async def test_a_migrator_that_died_stops_nobody(empty_database_url: str) -> None:
    dsn = normalise(empty_database_url)
    dead = await asyncpg.connect(dsn.url, timeout=5, command_timeout=5)
    await dead.execute("BEGIN")
    await dead.execute(LOCK_MIGRATIONS)
    await dead.execute("CREATE SCHEMA moment; CREATE TABLE moment.jobs (half integer)")
    dead.terminate()
    with anyio.fail_after(10):
        assert await migrate(dsn) == NAMES


async def test_readers_never_wait_long_behind_a_migration_that_waits(empty_database_url: str) -> None:
    await migrated_to(empty_database_url, ALTERING)
    dsn, applied, waits = normalise(empty_database_url), list[str](), list[float]()

    async def run() -> None:
        applied.extend(await migrate(dsn))

    async with open_pool(dsn) as pool, a_long_reader(empty_database_url) as finish, anyio.create_task_group() as group:
        group.start_soon(run)
        with anyio.fail_after(60):
            while sum(wait > QUEUED for wait in waits) < 2 or not applied:
                began = anyio.current_time()
                await pool.fetch("SELECT id FROM moment.jobs")
                waits.append(anyio.current_time() - began)
                if sum(wait > QUEUED for wait in waits) == 2:  # so there were two attempts at least
                    await finish()
                await anyio.sleep(0.01)
        assert await pending(pool) == []
    assert applied == NAMES[ALTERING:]
    assert max(waits) < 2 + MARGIN


async def test_a_lock_that_is_never_released_ends_the_migration_with_a_code(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapters.postgres.migrate, "ATTEMPTS", 2)
    await migrated_to(empty_database_url, ALTERING)
    dsn = normalise(empty_database_url)
    async with open_pool(dsn) as pool, a_long_reader(empty_database_url) as finish:
        with pytest.raises(MigrationBlocked, match=NAMES[ALTERING]) as blocked:
            await migrate(dsn)
        assert await pending(pool) == NAMES[ALTERING:]
        await finish()
    assert blocked.value.code == "migration_blocked"
    assert await migrate(dsn) == NAMES[ALTERING:]


@pytest.mark.parametrize(
    ("preparation", "reason"),
    [
        ("SELECT 1", "permission denied for database"),
        ("CREATE SCHEMA moment", "permission denied for schema moment"),
    ],
)
@ON_EVERY_SERVER
def test_a_role_that_may_not_create_is_refused_in_one_line(database_url: str, preparation: str, reason: str) -> None:
    execute(database_url, "DROP SCHEMA moment CASCADE", preparation)
    refused = CliRunner().invoke(main, ["migrate"], env={"DATABASE_URL": logged_in(database_url)})
    assert refused.exit_code == 1
    assert refused.output.startswith(f"Error: the migration {NAMES[0]} was denied: {reason}")
    assert refused.output.count("\n") == 1


@ON_EVERY_SERVER
def test_a_role_that_may_create_in_a_given_schema_needs_no_more(database_url: str) -> None:
    execute(database_url, "DROP SCHEMA moment CASCADE", f"CREATE SCHEMA moment AUTHORIZATION {LOGIN}")
    assert anyio.run(migrate, normalise(logged_in(database_url))) == NAMES


@ON_EVERY_SERVER
def test_a_role_that_may_only_read_the_list_finds_nothing_to_do(database_url: str) -> None:
    dsn = normalise(logged_in(database_url))
    with pytest.raises(MigrationDenied, match="permission denied"):
        anyio.run(migrate, dsn)
    execute(
        database_url,
        f"GRANT USAGE ON SCHEMA moment TO {LOGIN}",
        f"GRANT SELECT ON moment.schema_migrations TO {LOGIN}",
    )
    assert anyio.run(migrate, dsn) == []


@ON_EVERY_SERVER
def test_a_role_that_does_not_own_the_tables_is_refused(database_url: str) -> None:
    execute(
        database_url,
        f"GRANT ALL ON SCHEMA moment TO {LOGIN}",
        f"GRANT ALL ON ALL TABLES IN SCHEMA moment TO {LOGIN}",
        "DELETE FROM moment.schema_migrations WHERE name = '0004_claim_facts'",
    )
    with pytest.raises(MigrationDenied, match="must be owner of") as denied:
        anyio.run(migrate, normalise(logged_in(database_url)))
    assert (denied.value.code, denied.value.permanent) == ("migration_denied", True)


async def test_an_edited_migration_is_refused(database_url: str) -> None:
    dsn = normalise(database_url)
    async with open_pool(dsn) as pool:
        await pool.execute("UPDATE moment.schema_migrations SET checksum = 'other'")
        with pytest.raises(MigrationChanged, match=NAMES[0]):
            await pending(pool)
    with pytest.raises(MigrationChanged):
        await migrate(dsn)


async def test_a_newer_schema_is_none_of_our_business(database_url: str) -> None:
    async with open_pool(normalise(database_url)) as pool:
        await pool.execute("INSERT INTO moment.schema_migrations (name, checksum) VALUES ('9999_future', 'x')")
        assert await pending(pool) == []


@pytest.mark.parametrize(
    ("versions", "schema"),
    [
        *((versions, NEW_SCHEMA) for versions in KNOWN),
        *((versions, "public") for versions in (1, OLDER, len(NAMES) - 1)),
    ],
)
@EMPTY_ON_EVERY_SERVER
async def test_from_earlier_versions_the_jobs_come_along_and_all_is_as_if_made_afresh(
    empty_database_url: str, versions: int, schema: str
) -> None:
    dsn = normalise(empty_database_url)
    async with open_pool(dsn) as pool:
        afresh = await made_afresh(pool, dsn)
        await migrated_to(empty_database_url, versions, schema)
        assert await described(pool, schema) != afresh
        assert await migrate(dsn) == NAMES[versions:]
        assert await described(pool, schema) == afresh
    async with open_pool(dsn) as pool:
        jobs = PostgresJobs(pool, Notifier(pool))
        for status in STATES:
            assert (await jobs.get(id_of(status))).job == a_job_that_is(status, id_of(status))
        claims = await PostgresQueue(pool, lease_seconds=30).claim(room_for("w", 10))
        assert {claim.job.status for claim in claims} == {status for status in STATES if not status.terminal}


async def made_afresh(pool: asyncpg.Pool, dsn: Dsn) -> dict[str, list[str]]:
    """Return what a server makes of all migrations at once; made once for each version of Postgres."""
    version = await pool.fetchval("SHOW server_version")
    if version not in AFRESH:
        await migrate(dsn)
        AFRESH[version] = await described(pool, NEW_SCHEMA)
        await pool.execute("DROP SCHEMA moment CASCADE")
    return AFRESH[version]


def test_what_was_released_is_never_edited() -> None:
    assert RELEASED.items() <= {migration.name: migration.checksum for migration in shipped()}.items()
