"""The processes of the Celery version: redis-server, workers, an api."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import asyncpg

from adapters.postgres.dsn import normalise
from benchmarks.celery_table import CREATE_TABLE
from benchmarks.processor_time import started
from benchmarks.site import Site, await_that, child, fresh_database, listens, run, stub_tools
from entrypoints.local.network import free_port

POOLS: Final = {"prefork": "2", "threads": "8"}
"""How workers run tasks, and how many at once: two processes for two processors, or threads of one process."""

NEEDED: Final = ("celery", "redis", "sqlalchemy", "psycopg")


def missing() -> str:
    """Return what is not installed, or an empty string."""
    if shutil.which("redis-server") is None:
        return "no redis-server"
    return next((f"{name} is not installed" for name in NEEDED if find_spec(name) is None), "")


@contextmanager
def celery_site(server: str, folder: Path, *, pool: str = "prefork", one_task: bool = False) -> Iterator[Site]:
    """Run it on a fresh database while the block lasts.

    Args:
        server: The database server.
        folder: For everything that is written.
        pool: One of `POOLS`.
        one_task: Whether a moment is one task, not a chain and a chord.
    """
    redis_port, port = free_port(), free_port()
    objects = folder / "objects"
    objects.mkdir(parents=True)
    with ExitStack() as stack:
        database = stack.enter_context(fresh_database(server, migrated=False))
        run(_create_table(database))
        with started() as theirs:
            tools = stack.enter_context(stub_tools(objects))
            environment = {
                "BENCH_REDIS": f"redis://127.0.0.1:{redis_port}/0",
                "BENCH_DATABASE": database,
                "BENCH_TOOLS": tools,
                "BENCH_OBJECTS": str(objects),
                "BENCH_ONE_TASK": "1" if one_task else "",
            }
            redis = [
                "redis-server",
                "--port",
                str(redis_port),
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
                str(folder),
            ]
            stack.enter_context(child(redis, folder))
            await_that(lambda: listens(redis_port), "redis-server")
            worker = ["-A", "benchmarks.celery_pipeline", "worker", "--pool", pool, "-c", POOLS[pool], "-l", "WARNING"]
            stack.enter_context(child([sys.executable, "-m", "celery", *worker], folder, **environment))
            api = [sys.executable, "-m", "benchmarks.celery_pipeline", str(port)]
            stack.enter_context(child(api, folder, **environment))
        await_that(lambda: listens(port), "the api of the Celery version")
        yield Site(port, database, tools, objects, theirs.roots)


async def _create_table(database: str) -> None:
    connection = await asyncpg.connect(normalise(database).url)
    await connection.execute(CREATE_TABLE)
    await connection.close()
