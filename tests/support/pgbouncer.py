"""A transaction-pooling PgBouncer in front of the session's server, where the program is installed."""

import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.postgres.dsn import normalise
from adapters.postgres.pool import open_pool
from tests.support.database import a_bench
from tests.support.queue_bench import Bench

PORT: Final = 6432
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
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
server_idle_timeout = 1
ignore_startup_parameters = extra_float_digits
logfile = {folder}/log
pidfile = {folder}/pid
"""


@pytest.fixture(scope="session")
def pgbouncer(database_server: str, server_folder: Path) -> Iterator[str]:
    """Give the query part of URLs that lead through the pooler; skip where it is not installed."""
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed (Debian: apt-get install pgbouncer)")
    folder = server_folder / "pgbouncer"
    folder.mkdir()
    server = parse_qs(urlsplit(database_server).query)["host"][0]
    config = folder / "pgbouncer.ini"
    config.write_text(CONFIG.format(server=server, port=PORT, folder=folder, connections=SERVER_CONNECTIONS))
    owner = _as_owner_of(Path(server))
    if owner:
        shutil.chown(folder, owner["user"], owner["group"])
    with subprocess.Popen([program, "-q", str(config)], stderr=subprocess.DEVNULL, **owner) as process:
        try:
            _await_socket(folder / f".s.PGSQL.{PORT}", process)
            yield f"host={folder}&port={PORT}&pgbouncer=true"
        finally:
            process.terminate()


@pytest.fixture
async def pooled_url(pgbouncer: str, database_url: str) -> str:
    """Give the test's own database, through the pooler."""
    return urlsplit(database_url)._replace(query=pgbouncer).geturl()


@pytest.fixture
async def pgbouncer_bench(pooled_url: str) -> AsyncIterator[Bench]:
    """Give the queue's ports through the pooler."""
    async with open_pool(normalise(pooled_url), max_size=8) as pool, a_bench(pool) as bench:
        yield bench


def _as_owner_of(folder: Path) -> dict[str, Any]:
    """Return the arguments that make a child the user who may use the server's socket: PgBouncer refuses to be root."""
    if os.geteuid() != 0:
        return {}
    status = folder.stat()
    return {"user": status.st_uid, "group": status.st_gid, "extra_groups": []}


def _await_socket(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while not path.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"pgbouncer did not start: {(path.parent / 'log').read_text()}")
        time.sleep(0.02)
