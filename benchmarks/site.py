"""Where measurements take place: a Postgres for all, and our own processes as an operator runs them."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import httpx
import uvloop

from adapters.postgres.dsn import normalise
from adapters.postgres.migrate import migrate
from benchmarks.processor_time import started
from entrypoints.local.children import running_child
from entrypoints.local.network import free_port

PATIENCE: Final = 60.0
STOP_SECONDS: Final = 10.0
OURS: Final = ("DO_", "MCP_", "MOMENT_", "DATABASE_", "PUBLIC_URL")

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the loop that our processes use."""
    return uvloop.run(work)


class Site:
    """Our processes, up and ready.

    Attributes:
        port: Of the api.
        database: URL.
        tools_url: Where the tools are.
        objects: The folder of the object store.
        processes: The ids of all processes but those of the database.
    """

    def __init__(
        self, port: int, database: str, tools_url: str, objects: Path, processes: Collection[int] = ()
    ) -> None:
        self.port = port
        self.database = database
        self.tools_url = tools_url
        self.objects = objects
        self.processes = processes


@contextmanager
def fresh_database(server: str, *, migrated: bool = True) -> Iterator[str]:
    """Give the URL of an empty database while the block lasts."""
    name = f"bench_{uuid4().hex[:12]}"
    run(_execute(server, f"CREATE DATABASE {name}"))
    url = urlsplit(server)._replace(path=f"/{name}").geturl()
    if migrated:
        run(migrate(normalise(url)))
        run(_execute(server, f"ALTER DATABASE {name} SET search_path = moment"))  # for commits that do not name it
    try:
        yield url
    finally:
        run(_execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def stub_tools(folder: Path, delay: float = 0.0) -> Iterator[str]:
    """Run the instant tools while the block lasts; give their URL."""
    port = free_port()
    with child([sys.executable, "-m", "benchmarks.tool_stub", str(port), str(folder), str(delay)], folder):
        await_that(lambda: listens(port), "the tools")
        yield f"http://127.0.0.1:{port}/mcp"


@contextmanager
def our_site(
    server: str, folder: Path, *, workers: int, slots: int = 16, delay: float = 0.0, **environment: str
) -> Iterator[Site]:
    """Run api, workers and instant tools on a fresh database while the block lasts."""
    port = free_port()
    with ExitStack() as stack:
        database = stack.enter_context(fresh_database(server))
        objects = folder / "objects"
        objects.mkdir(parents=True)
        with started() as ours:
            tools = stack.enter_context(stub_tools(objects, delay))
            shared = {
                "DATABASE_URL": database,
                "MCP_BASE_URL": tools,
                "MOMENT_DATA_DIR": str(folder),
                "MOMENT_PORT": str(port),
                "PUBLIC_URL": f"http://127.0.0.1:{port}",
                "MOMENT_WORKER_SLOTS": str(slots),
                "MOMENT_LAME_DUCK_SECONDS": "0",
                **environment,
            }
            stack.enter_context(running_child("api", shared, folder / "api.log", STOP_SECONDS))
            for number in range(workers):
                stack.enter_context(running_child("worker", shared, folder / f"worker-{number}.log", STOP_SECONDS))
        await_that(lambda: answers(f"http://127.0.0.1:{port}/readyz"), "the api")
        await_that(lambda: _listening(database) >= workers, "the workers")
        yield Site(port, database, tools, objects, ours.roots)


@contextmanager
def child(command: list[str], folder: Path, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a process while the block lasts, its output in a file."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    with (folder / f"{uuid4().hex}.log").open("wb") as log:
        process = subprocess.Popen(command, env=plain | environment, stdout=log, stderr=log)  # noqa: S603 - our own
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def await_that(true: Callable[[], bool], what: str) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not get ready")
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Tell whether a URL answers 200."""
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def listens(port: int) -> bool:
    """Tell whether somebody listens."""

    async def knock() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    return run(knock())


def _listening(database: str) -> int:
    """Count the workers that listen for jobs."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_notify%'"

    async def count() -> int:
        connection = await asyncpg.connect(normalise(database).url)
        try:
            return int(await connection.fetchval(query)) - 1  # this very query
        finally:
            await connection.close()

    return run(count())


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(normalise(url).url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
