"""Fixtures: one embedded server for the session, and a database of its own for every test that asks."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from adapters.postgres.doorbell import open_doorbell
from adapters.postgres.dsn import normalise
from adapters.postgres.embedded import embedded_postgres
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.migrate import migrate
from adapters.postgres.pool import open_pool
from adapters.postgres.queue import PostgresQueue
from tests.support.queue_bench import Bench, MemoryBench, PostgresBench

TEMPLATE: Final = "moment_template"
LEASE_SECONDS: Final = 30.0


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """Give a folder that others can reach: root's servers run as another user, and pytest closes its own folders."""
    with TemporaryDirectory(prefix="moment-tests-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def database_server(server_folder: Path) -> Iterator[str]:
    """Give the URL of a server that forgets everything in a crash, which no test of this session causes."""
    with embedded_postgres(server_folder / "server", fsync="off", full_page_writes="off", autovacuum="off") as url:
        yield url


@pytest.fixture(scope="session")
def database_template(database_server: str) -> str:
    """Migrate the database that the others are copied from; return the server's URL."""
    return prepare_template(database_server)


@pytest.fixture
def empty_database_url(database_server: str) -> Iterator[str]:
    """Give a database without any table."""
    yield from copied(database_server, "template1")


@pytest.fixture
def database_url(database_template: str) -> Iterator[str]:
    """Give a migrated, empty database."""
    yield from copied(database_template, TEMPLATE)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Give connections to a database of the test's own."""
    async with open_pool(normalise(database_url), max_size=8) as pool:
        yield pool


@pytest.fixture
async def postgres_bench(pool: asyncpg.Pool) -> AsyncIterator[Bench]:
    """Give the queue's two ports over Postgres."""
    async with AsyncExitStack() as stack:
        doorbell = await stack.enter_async_context(open_doorbell(pool))
        queue = PostgresQueue(pool, lease_seconds=LEASE_SECONDS)
        yield PostgresBench(jobs=PostgresJobs(pool, doorbell), queue=queue, pool=pool)


@pytest.fixture(params=["memory", "postgres_bench", "pgbouncer_bench"], ids=["memory", "embedded", "pgbouncer"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """Give the queue's ports over memory, over Postgres, and over Postgres through a transaction pooler."""
    if request.param == "memory":
        return MemoryBench()
    over_postgres: Bench = request.getfixturevalue(request.param)
    return over_postgres


def prepare_template(server: str) -> str:
    """Make the template on any server; return the server's URL."""
    execute(server, f"CREATE DATABASE {TEMPLATE}")
    asyncio.run(migrate(normalise(on_database(server, TEMPLATE))))
    return server


def copied(server: str, template: str) -> Iterator[str]:
    """Give the URL of a copy of a template while a test lasts."""
    name = f"moment_{uuid4().hex}"
    execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield on_database(server, name)
    execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def on_database(server: str, name: str) -> str:
    """Return the URL of another database of the server."""
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def execute(url: str, *statements: str) -> None:
    """Run statements on a connection of their own, each in its own transaction."""

    async def run() -> None:
        connection: Any = await asyncpg.connect(normalise(url).url, timeout=10, command_timeout=30)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())
