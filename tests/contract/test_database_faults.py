"""Every way in which Postgres fails us, caused and not pretended: the port's error comes out, with its cause."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

import anyio
import asyncpg
import pytest
from testcontainers.community.postgres import PostgresContainer

from adapters.postgres import connection as mappings
from adapters.postgres.background import running
from adapters.postgres.dsn import normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.notifier import Notifier
from adapters.postgres.pool import connected, open_pool
from application.ports.jobs import DatabaseUnavailable
from domain.jobs.job import JobId
from tests.support.database import ON_EVERY_SERVER, logged_in, on_database
from tests.support.jobs import JOB_ID, a_job
from tests.support.tcp_proxy import tcp_proxy

pytestmark = pytest.mark.anyio

Fault = Callable[[str], Awaitable[object]]
"""Takes the URL of a migrated database, and breaks a call of ours."""


@asynccontextmanager
async def opened(url: str, **settings: Any) -> AsyncIterator[PostgresJobs]:
    async with open_pool(normalise(url), **settings) as pool:
        yield PostgresJobs(pool, Notifier(pool))


async def alter(url: str, setting: str) -> None:
    """Change the database for whoever connects from now on."""
    name = urlsplit(url).path.removeprefix("/")
    await run(on_database(url, "postgres"), f"ALTER DATABASE {name} {setting}")


async def run(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(normalise(url).url, timeout=10, command_timeout=10)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def say(jobs: PostgresJobs, *statements: str) -> None:
    async with connected(jobs._pool) as connection:
        for statement in statements:
            await connection.execute(statement)


async def nobody_listens(url: str) -> None:
    async with opened("postgresql://postgres@127.0.0.1:1/db") as jobs:
        await jobs.ping()


async def a_statement_takes_too_long_for_us(url: str) -> None:
    async with opened(url, command_timeout=0.1) as jobs:
        await say(jobs, "SELECT pg_sleep(10)")


async def a_statement_takes_too_long_for_the_server(url: str) -> None:
    await alter(url, "SET statement_timeout = '50ms'")
    async with opened(url) as jobs:
        await say(jobs, "SELECT pg_sleep(10)")


async def the_administrator_ends_the_session(url: str) -> None:
    async with opened(url) as jobs:
        await say(jobs, "SELECT pg_terminate_backend(pg_backend_pid())")


async def the_password_is_wrong(url: str) -> None:
    async with opened(logged_in(url, "a wrong one")):
        pass


async def the_database_is_not_there(url: str) -> None:
    async with opened(on_database(url, "nowhere")):
        pass


async def the_database_takes_no_connections(url: str) -> None:
    await alter(url, "ALLOW_CONNECTIONS false")
    async with opened(url):
        pass


async def there_are_too_many_connections(url: str) -> None:
    await alter(url, "CONNECTION LIMIT 0")
    async with opened(logged_in(url)):
        pass


async def a_sort_needs_more_room_than_it_may_have(url: str) -> None:
    sort = "SELECT FROM generate_series(1, 100000) AS number ORDER BY number DESC"
    async with opened(url) as jobs:
        await say(jobs, "SET temp_file_limit = '64kB'", "SET work_mem = '64kB'", sort)


async def the_database_is_read_only(url: str) -> None:
    await alter(url, "SET default_transaction_read_only = on")
    async with opened(url) as jobs:
        await jobs.add(a_job())


async def the_role_may_not_read_the_table(url: str) -> None:
    async with opened(logged_in(url)) as jobs:
        await jobs.get(JOB_ID)


async def somebody_holds_the_table(url: str) -> None:
    await alter(url, "SET lock_timeout = '50ms'")
    async with opened(url) as jobs, jobs._pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE moment.jobs")
        await jobs.get(JOB_ID)


async def two_wait_for_each_other(url: str) -> None:
    await alter(url, "SET deadlock_timeout = '50ms'")
    ids = [JobId(uuid4()) for _ in range(2)]
    lock = "SELECT FROM moment.jobs WHERE id = $1 FOR UPDATE"
    async with opened(url) as jobs, jobs._pool.acquire() as theirs:
        for job_id in ids:
            await jobs.add(a_job(job_id))
        await theirs.execute("SET deadlock_timeout = '60s'")  # we are to find it, not they
        async with connected(jobs._pool) as ours, ours.transaction(), theirs.transaction():
            await theirs.execute(lock, ids[1])
            await ours.execute(lock, ids[0])
            async with running(theirs.execute(lock, ids[0]), "them"):
                await asyncio.sleep(0.05)
                await ours.execute(lock, ids[1])


async def the_table_changes_under_a_prepared_statement(url: str) -> None:
    async with opened(url) as jobs, connected(jobs._pool) as connection:
        ask = "SELECT * FROM moment.jobs"
        await connection.fetch(ask)
        await run(url, "ALTER TABLE moment.jobs ADD COLUMN mood text")
        async with connection.transaction():
            await connection.fetch(ask)


async def anothers_statement_has_this_name(url: str) -> None:
    async with opened(url) as jobs:
        await say(jobs, "PREPARE one AS SELECT 1", "PREPARE one AS SELECT 1")


async def the_statement_was_prepared_elsewhere(url: str) -> None:
    async with opened(url) as jobs:
        await say(jobs, "EXECUTE one")


async def the_pool_is_closed(url: str) -> None:
    async with opened(url) as jobs:
        pass
    await jobs.ping()


async def none_of_the_hosts_is_a_standby(url: str) -> None:
    separator = "&" if urlsplit(url).query else "?"
    async with opened(f"{url}{separator}target_session_attrs=standby"):
        pass


FAULTS: Final[dict[Fault, type[Exception]]] = {
    nobody_listens: ConnectionRefusedError,
    a_statement_takes_too_long_for_us: TimeoutError,
    a_statement_takes_too_long_for_the_server: asyncpg.QueryCanceledError,
    the_administrator_ends_the_session: asyncpg.ConnectionDoesNotExistError,
    the_password_is_wrong: asyncpg.InvalidPasswordError,
    the_database_is_not_there: asyncpg.InvalidCatalogNameError,
    the_database_takes_no_connections: asyncpg.ObjectNotInPrerequisiteStateError,
    there_are_too_many_connections: asyncpg.TooManyConnectionsError,
    a_sort_needs_more_room_than_it_may_have: asyncpg.ConfigurationLimitExceededError,
    the_database_is_read_only: asyncpg.ReadOnlySQLTransactionError,
    the_role_may_not_read_the_table: asyncpg.InsufficientPrivilegeError,
    somebody_holds_the_table: asyncpg.LockNotAvailableError,
    two_wait_for_each_other: asyncpg.DeadlockDetectedError,
    the_table_changes_under_a_prepared_statement: asyncpg.InvalidCachedStatementError,
    anothers_statement_has_this_name: asyncpg.DuplicatePreparedStatementError,
    the_statement_was_prepared_elsewhere: asyncpg.InvalidSQLStatementNameError,
    the_pool_is_closed: asyncpg.InterfaceError,
    none_of_the_hosts_is_a_standby: asyncpg.TargetServerAttributeNotMatched,
}


@ON_EVERY_SERVER
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_a_fault_is_the_ports_error(database_url: str, fault: Fault) -> None:
    with anyio.fail_after(20), pytest.raises(DatabaseUnavailable) as raised:
        await fault(database_url)
    assert type(raised.value.__cause__) is FAULTS[fault]


async def test_a_connection_to_a_standby_is_not_used_for_ever(database_url: str) -> None:
    await alter(database_url, "SET default_transaction_read_only = on")
    async with opened(database_url, max_size=1) as jobs:
        with pytest.raises(DatabaseUnavailable):
            await jobs.add(a_job())
        await alter(database_url, "RESET default_transaction_read_only")
        answers = [await is_added(jobs) for _ in range(2)]  # the first from a connection that was opened before
        assert answers[-1]


async def is_added(jobs: PostgresJobs) -> bool:
    try:
        await jobs.add(a_job(JobId(uuid4())))
    except DatabaseUnavailable:
        return False
    return True


async def test_a_connection_that_breaks_is_the_ports_error(database_url: str) -> None:
    async with tcp_proxy(database_url) as (line, port), anyio.create_task_group() as group:
        url = f"postgresql://postgres@127.0.0.1:{port}{urlsplit(database_url).path}?sslmode=disable"
        async with opened(url) as jobs:
            group.start_soon(after, 0.1, line.cut)
            with pytest.raises(DatabaseUnavailable) as raised:
                await say(jobs, "SELECT pg_sleep(10)")
            assert isinstance(raised.value.__cause__, asyncpg.ConnectionDoesNotExistError)
            await jobs.ping()


async def fill(jobs: PostgresJobs) -> None:
    for _ in range(1000):
        await jobs.add(a_job(JobId(uuid4())))


async def after(seconds: float, act: Callable[[], object]) -> None:
    await anyio.sleep(seconds)
    act()


@pytest.mark.container
async def test_a_server_that_freezes_costs_one_time_out(
    container_url: str, postgres_container: PostgresContainer
) -> None:
    frozen = postgres_container.get_wrapped_container()
    async with opened(container_url, max_size=1, command_timeout=0.5) as jobs:
        await jobs.ping()
        await anyio.to_thread.run_sync(frozen.pause)
        try:
            with anyio.fail_after(10), pytest.raises(DatabaseUnavailable) as raised:
                await jobs.ping()
        finally:
            await anyio.to_thread.run_sync(frozen.unpause)
        assert isinstance(raised.value.__cause__, TimeoutError)
        await jobs.ping()


@pytest.mark.container
async def test_a_disk_that_is_full_is_the_ports_error_until_there_is_room(container_url: str, small_disk: str) -> None:
    await run(container_url, f"CREATE TABLE ballast TABLESPACE {small_disk} AS SELECT 1 AS stone")
    await run(container_url, f"ALTER TABLE moment.jobs SET TABLESPACE {small_disk}")
    async with opened(container_url) as jobs:
        with pytest.raises(DatabaseUnavailable) as raised:
            await say(jobs, "INSERT INTO ballast SELECT generate_series(1, 1000000)")
        assert isinstance(raised.value.__cause__, asyncpg.DiskFullError)
        with pytest.raises(DatabaseUnavailable):
            await fill(jobs)
        await run(container_url, "TRUNCATE ballast")
        await jobs.add(a_job())


def test_every_mapping_has_a_fault_that_drives_it() -> None:
    assert all(any(issubclass(cause, mapped) for cause in FAULTS.values()) for mapped in mappings._UNAVAILABLE)
