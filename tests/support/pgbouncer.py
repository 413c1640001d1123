"""A transaction-pooling PgBouncer in front of the session's server, of this machine or in a container."""

import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import asyncpg
import docker
import pytest
from docker.errors import DockerException

from adapters.postgres.dsn import normalise
from adapters.postgres.pool import open_pool
from tests.support.containers import LABELS, give_up, require_image
from tests.support.database import EMPTY, a_bench
from tests.support.queue_bench import Bench

PORT: Final = 6432
STARTED_SECONDS: Final = 20
SERVER_CONNECTIONS: Final = 2
"""Fewer than clients: each transaction may find itself on another one."""

CONFIG: Final = """
[databases]
* = host={server} user=postgres

[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
pool_mode = {mode}
default_pool_size = {connections}
max_client_conn = 200
server_idle_timeout = 1
ignore_startup_parameters = extra_float_digits
logfile = {folder}/log
pidfile = {folder}/pid
"""


IMAGE: Final = os.environ.get("TEST_DEBIAN_IMAGE", "debian:bookworm-slim")
DOCKERFILE: Final = f"""
FROM {IMAGE}
RUN apt-get update && apt-get install -y --no-install-recommends pgbouncer
"""


@pytest.fixture(scope="session")
def pgbouncer(database_server: str, server_folder: Path) -> Iterator[str]:
    """Provide the query part of URLs that lead through a transaction pooler."""
    with a_pgbouncer(database_server, server_folder / "pgbouncer") as query:
        yield f"{query}&pgbouncer=true"


@contextmanager
def a_pgbouncer(
    database_server: str, folder: Path, *, mode: str = "transaction", connections: int = SERVER_CONNECTIONS
) -> Iterator[str]:
    """Run one, this machine's or one in a container, or skip; yield the query part of URLs that lead through it."""
    folder.mkdir()
    server = Path(parse_qs(urlsplit(database_server).query)["host"][0])
    config = folder / "pgbouncer.ini"
    config.write_text(CONFIG.format(server=server, port=PORT, folder=folder, mode=mode, connections=connections))
    server.parent.chmod(0o711)  # the server does not pass the folders above its own; PgBouncer does
    owner = _owner_of(server)
    os.chown(folder, *owner)
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    running = _child(program, config, owner) if program else _container(config, server, owner)
    with running:
        _await_socket(folder / f".s.PGSQL.{PORT}")
        yield f"host={folder}&port={PORT}"


@contextmanager
def _child(program: str, config: Path, owner: tuple[int, int]) -> Iterator[None]:
    other = {"user": owner[0], "group": owner[1], "extra_groups": []}
    becoming: dict[str, Any] = other if os.geteuid() == 0 else {}
    with subprocess.Popen([program, "-q", str(config)], stderr=subprocess.DEVNULL, **becoming) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def _container(config: Path, server: Path, owner: tuple[int, int]) -> Iterator[None]:
    """Run it where only an engine is; both sides of it are sockets in folders that it shares."""
    require_image(IMAGE)
    with closing(docker.from_env(timeout=300)) as engine:
        try:
            image, _ = engine.images.build(
                fileobj=BytesIO(DOCKERFILE.encode()), network_mode="host", labels=LABELS, rm=True, forcerm=True
            )
        except DockerException as error:
            give_up(f"pgbouncer is not installed (Debian: apt-get install pgbouncer), and no image of it: {error}")
        container = engine.containers.run(
            image,
            ["pgbouncer", "-q", str(config)],
            user="{}:{}".format(*owner),
            volumes=[f"{shared}:{shared}" for shared in {str(server), str(config.parent)}],
            network_mode="none",
            labels=LABELS,
            detach=True,
        )
        try:
            yield
        finally:
            container.remove(force=True)


@pytest.fixture
async def pooled_url(pgbouncer: str, database_url: str) -> str:
    """Provide the test's own database, through the pooler."""
    return urlsplit(database_url)._replace(query=pgbouncer).geturl()


@pytest.fixture(scope="module")
async def shared_pooled_pool(pgbouncer: str, shared_database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Provide connections through the pooler to the module's database."""
    url = urlsplit(shared_database_url)._replace(query=pgbouncer).geturl()
    async with open_pool(normalise(url), max_size=8) as pool:
        yield pool


@pytest.fixture
async def pgbouncer_bench(shared_pooled_pool: asyncpg.Pool) -> AsyncIterator[Bench]:
    """Provide the queue's ports through the pooler, over the module's database."""
    await shared_pooled_pool.execute(EMPTY)
    async with a_bench(shared_pooled_pool) as bench:
        yield bench


def _owner_of(folder: Path) -> tuple[int, int]:
    """Return the user who may use the server's socket, and their group: PgBouncer refuses to be root."""
    status = folder.stat()
    return status.st_uid, status.st_gid


def _await_socket(path: Path) -> None:
    deadline = time.monotonic() + STARTED_SECONDS
    while not path.exists():
        if time.monotonic() > deadline:
            log = path.parent / "log"
            raise RuntimeError(f"pgbouncer did not start: {log.read_text() if log.exists() else 'no log'}")
        time.sleep(0.02)
