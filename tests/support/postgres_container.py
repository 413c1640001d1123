"""A Postgres in a container, reached as managed ones are: by TCP, with a password, with TLS for who wants it.

A pytest plugin.
"""

import os
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from typing import Final

import asyncpg
import pytest
from testcontainers.community.postgres import PostgresContainer

from adapters.postgres.dsn import normalise
from adapters.postgres.pool import open_pool
from tests.support.authority import Authority, Certificate
from tests.support.containers import require_image
from tests.support.database import CREATE_LOGIN, PASSWORD, TEMPLATE, a_bench, copied, execute, prepare_template
from tests.support.queue_bench import Bench

IMAGE: Final = os.environ.get("TEST_POSTGRES_IMAGE", "postgres:15")
SETTINGS: Final = "-c fsync=off -c full_page_writes=off -c autovacuum=off -c max_connections=50"
FOLDER: Final = "/memory"
SMALL_FOLDER: Final = "/small"
RELOADED_SECONDS: Final = 20.0

WRITE: Final = "COPY (SELECT '{content}') TO PROGRAM 'umask 077 && base64 -d >{name}'"
"""Puts the key into the data folder, readable by the server's user only."""


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Provide who signs the certificates of the session's servers."""
    return Authority()


@pytest.fixture(scope="session")
def postgres_container() -> Iterator[PostgresContainer]:
    """Run a server in memory; skip, with the reason, where it cannot run."""
    require_image(IMAGE)
    container = (
        PostgresContainer(IMAGE, username="postgres", password=PASSWORD, dbname="postgres")
        .with_command(SETTINGS)
        .with_env("PGDATA", f"{FOLDER}/data")
        .with_tmpfs_mount(FOLDER, "size=1g")
        .with_tmpfs_mount(SMALL_FOLDER, "size=4m")
    )
    with container:
        yield container


@pytest.fixture(scope="session")
def container_server(postgres_container: PostgresContainer, authority: Authority) -> str:
    """Provide the URL of a server, in SQLAlchemy's spelling, which is also testcontainers'.

    It offers TLS, which most tests do without: a connection that is cancelled, or refused, while it opens says goodbye
    to the other side in its own time (asyncio's `ssl_shutdown_timeout`), and the end of a test does not wait for that.
    """
    url: str = postgres_container.get_connection_url()
    execute(url, CREATE_LOGIN)
    offer_tls(url, authority.issue("localhost"))
    return f"{url}?sslmode=disable"


@pytest.fixture(scope="session")
def container_template(container_server: str) -> str:
    """Migrate the database that the others are copied from; return the server's URL."""
    return prepare_template(container_server)


@pytest.fixture(scope="session")
def small_disk(container_server: str) -> str:
    """Provide the name of a tablespace that a few megabytes fill."""
    place = f"{SMALL_FOLDER}/tables"
    execute(
        container_server, f"COPY (SELECT) TO PROGRAM 'mkdir {place}'", f"CREATE TABLESPACE small LOCATION '{place}'"
    )
    return "small"


@pytest.fixture
def container_url(container_template: str) -> Iterator[str]:
    """Provide a migrated, empty database."""
    yield from copied(container_template, TEMPLATE)


@pytest.fixture
async def container_bench(container_url: str) -> AsyncIterator[Bench]:
    """Provide the queue's ports over the server in the container."""
    async with open_pool(normalise(container_url), max_size=8) as pool, a_bench(pool) as bench:
        yield bench


def offer_tls(url: str, certificate: Certificate) -> None:
    """Turn TLS on, in a server that runs; return when it answers so."""
    execute(
        url,
        WRITE.format(content=b64encode(certificate.certificate).decode(), name="server.crt"),
        WRITE.format(content=b64encode(certificate.key).decode(), name="server.key"),
        "ALTER SYSTEM SET ssl = on",
        "SELECT pg_reload_conf()",
    )
    deadline = time.monotonic() + RELOADED_SECONDS
    while True:
        try:
            execute(f"{url}?sslmode=require", "SELECT 1")
        except (OSError, asyncpg.PostgresError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
