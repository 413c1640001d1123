"""Fixtures: one embedded server for the session, and on it databases for a test or for a module.

A test with the mark `ON_EVERY_SERVER` has its database on the embedded server and on the container's.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import quote, urlsplit
from uuid import uuid4

import asyncpg
import pytest

from adapters.postgres.dsn import normalise
from adapters.postgres.embedded.server import embedded_postgres
from adapters.postgres.job_admin import PostgresJobAdmin
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.migrate import migrate
from adapters.postgres.notifier import open_notifier
from adapters.postgres.pool import open_pool
from adapters.postgres.queue import PostgresQueue
from tests.support.queue_bench import Bench, MemoryBench, PostgresBench

TEMPLATE: Final = "moment_template"
LEASE_SECONDS: Final = 30.0

LOGIN: Final = "hummer"
PASSWORD: Final = "p@ss/wörd:1%"
"""A role without ownership that must log in, as on managed databases, with a password that needs quoting."""

CREATE_LOGIN: Final = f"CREATE ROLE {LOGIN} LOGIN PASSWORD '{PASSWORD}'"

CLIENTS: Final = f"""
local all {LOGIN} scram-sha-256
local all all trust
"""

EMPTY: Final = """
DO $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN
        SELECT format('moment.%I', tablename) FROM pg_tables
        WHERE schemaname = 'moment' AND tablename <> 'schema_migrations'
    LOOP
        EXECUTE 'DELETE FROM ' || relation;
    END LOOP;
    INSERT INTO moment.chores (name) VALUES ('housekeeping');
    INSERT INTO moment.installation DEFAULT VALUES;
    PERFORM setval('moment.claims', 4);
END $$
"""
"""Makes every table as it is after the migrations; a hundred times as fast as another database."""


def _everywhere(fixture: str, embedded: str, container: str) -> pytest.MarkDecorator:
    servers = [pytest.param(embedded, id="embedded"), pytest.param(container, id="container", marks=CONTAINER)]
    return pytest.mark.parametrize(fixture, servers, indirect=True)


CONTAINER: Final = pytest.mark.container
ON_EVERY_SERVER: Final = _everywhere("database_url", "database_template", "container_template")
EMPTY_ON_EVERY_SERVER: Final = _everywhere("empty_database_url", "database_server", "container_server")


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """Provide a folder that others can reach: root's servers run as another user, and pytest closes its own folders."""
    with TemporaryDirectory(prefix="moment-tests-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="session")
def database_server(server_folder: Path) -> Iterator[str]:
    """Provide the URL of a server that forgets everything in a crash, which no test of this session causes."""
    clients = server_folder / "clients.conf"
    clients.write_text(CLIENTS)
    with embedded_postgres(
        server_folder / "server", fsync="off", full_page_writes="off", autovacuum="off", hba_file=str(clients)
    ) as url:
        execute(url, CREATE_LOGIN)
        yield url


@pytest.fixture(scope="session")
def database_template(database_server: str) -> str:
    """Migrate the database that the others are copied from; return the server's URL."""
    return prepare_template(database_server)


@pytest.fixture
def empty_database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Provide a database without any table, which an ordinary role owns."""
    for url in copied(request.getfixturevalue(getattr(request, "param", "database_server")), "template1"):
        execute(url, f"ALTER DATABASE {urlsplit(url).path.removeprefix('/')} OWNER TO {LOGIN}")
        yield url


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Provide a migrated, empty database; on the embedded server unless the test asks for others."""
    yield from copied(request.getfixturevalue(getattr(request, "param", "database_template")), TEMPLATE)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Provide connections to a database of the test's own."""
    async with open_pool(normalise(database_url), max_size=8) as pool:
        yield pool


@pytest.fixture
async def postgres_bench(pool: asyncpg.Pool) -> AsyncIterator[Bench]:
    """Provide the queue's two ports over Postgres."""
    async with a_bench(pool) as bench:
        yield bench


@pytest.fixture(
    params=[
        pytest.param("memory", id="memory"),
        pytest.param("emptied_bench", id="embedded"),
        pytest.param("pgbouncer_bench", id="pgbouncer"),
        pytest.param("container_bench", id="container", marks=pytest.mark.container),
    ]
)
def bench(request: pytest.FixtureRequest) -> Bench:
    """Provide the queue's ports over memory, over both Postgres, and over one through a transaction pooler."""
    if request.param == "memory":
        return MemoryBench()
    over_postgres: Bench = request.getfixturevalue(request.param)
    return over_postgres


@pytest.fixture(scope="module")
def shared_database_url(database_template: str) -> Iterator[str]:
    """Provide a migrated database that the tests of a module use one after the other, each from `EMPTY` on."""
    yield from copied(database_template, TEMPLATE)


@pytest.fixture(scope="module")
async def shared_pool(shared_database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Provide connections to it."""
    async with open_pool(normalise(shared_database_url), max_size=8) as pool:
        yield pool


@pytest.fixture
async def emptied_bench(shared_pool: asyncpg.Pool) -> AsyncIterator[Bench]:
    """Provide the queue's ports over it, for tests that change rows only."""
    await shared_pool.execute(EMPTY)
    async with a_bench(shared_pool) as bench:
        yield bench


@asynccontextmanager
async def a_bench(pool: asyncpg.Pool) -> AsyncIterator[Bench]:
    """Open the queue's two ports over a pool."""
    async with open_notifier(pool) as notifier:
        queue = PostgresQueue(pool, lease_seconds=LEASE_SECONDS, notifier=notifier)
        job_admin = PostgresJobAdmin(pool, notifier)
        yield PostgresBench(jobs=PostgresJobs(pool, notifier), queue=queue, job_admin=job_admin, pool=pool)


def prepare_template(server: str) -> str:
    """Make the template on any server; return the server's URL."""
    execute(server, f"CREATE DATABASE {TEMPLATE}")
    asyncio.run(migrate(normalise(on_database(server, TEMPLATE))))
    return server


def copied(server: str, template: str) -> Iterator[str]:
    """Provide the URL of a copy of a template while a test lasts."""
    name = f"moment_{uuid4().hex}"
    execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield on_database(server, name)
    execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def on_database(server: str, name: str) -> str:
    """Return the URL of another database of the server."""
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def logged_in(url: str, password: str = PASSWORD) -> str:
    """Return the URL for the ordinary role."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{LOGIN}:{quote(password, safe='')}@{parts.netloc.rpartition('@')[2]}").geturl()


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
