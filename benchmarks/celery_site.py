"""The processes of the Celery version: redis-server, two prefork workers, an api."""

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
from benchmarks.site import Site, await_that, child, fresh_database, listens, run, stub_tools
from entrypoints.local.network import free_port

PREFORK: Final = "2"
NEEDED: Final = ("celery", "redis", "sqlalchemy", "psycopg")


def missing() -> str:
    """Return what is not installed, or an empty string."""
    if shutil.which("redis-server") is None:
        return "no redis-server"
    return next((f"{name} is not installed" for name in NEEDED if find_spec(name) is None), "")


@contextmanager
def celery_site(server: str, folder: Path) -> Iterator[Site]:
    """Run it on a fresh database while the block lasts."""
    redis_port, port = free_port(), free_port()
    objects = folder / "objects"
    objects.mkdir(parents=True)
    with ExitStack() as stack:
        database = stack.enter_context(fresh_database(server, migrated=False))
        run(_create_table(database))
        tools = stack.enter_context(stub_tools(objects))
        environment = {
            "BENCH_REDIS": f"redis://127.0.0.1:{redis_port}/0",
            "BENCH_DATABASE": database,
            "BENCH_TOOLS": tools,
            "BENCH_OBJECTS": str(objects),
        }
        redis = ["redis-server", "--port", str(redis_port), "--save", "", "--appendonly", "no", "--dir", str(folder)]
        stack.enter_context(child(redis, folder))
        await_that(lambda: listens(redis_port), "redis-server")
        worker = ["-A", "benchmarks.celery_pipeline", "worker", "--pool", "prefork", "-c", PREFORK, "-l", "WARNING"]
        stack.enter_context(child([sys.executable, "-m", "celery", *worker], folder, **environment))
        api = [sys.executable, "-m", "benchmarks.celery_pipeline", str(port)]
        stack.enter_context(child(api, folder, **environment))
        await_that(lambda: listens(port), "the api of the Celery version")
        yield Site(port, database, tools, objects)


async def _create_table(database: str) -> None:
    connection = await asyncpg.connect(normalise(database).url)
    await connection.execute(CREATE_TABLE)
    await connection.close()
