"""The object store of the chaos tests as a process: the API's own object routes, and faults before them."""

import argparse
from datetime import timedelta
from pathlib import Path
from typing import cast

import anyio
from starlette.types import ASGIApp

from adapters.filesystem import FilesystemStore
from application.signed_objects import OBJECTS_PATH
from entrypoints.data_dir import shared_secret
from entrypoints.lifecycle import run_until_signalled
from entrypoints.studio.hosting import host, listen
from tests.support.faults import Faults, share_of
from tests.support.object_server import object_routes


def store_in(data_dir: Path, url: str) -> FilesystemStore:
    """Return the store that every process of this data folder shares."""
    return FilesystemStore(
        data_dir / "objects", url, shared_secret(data_dir, "objects").encode(), timedelta(seconds=3600)
    )


async def serve(data_dir: Path, port: int, rate: float, seed: str) -> None:
    """Serve until SIGTERM."""
    routes = cast("ASGIApp", object_routes(store_in(data_dir, f"http://127.0.0.1:{port}")))
    app = Faults(routes, rate, f"objects {seed}", share_of([OBJECTS_PATH]))

    async def until(stopping: anyio.Event) -> None:
        async with anyio.create_task_group() as serving:
            serving.start_soon(host, app, listen("127.0.0.1", port), 1.0)
            await stopping.wait()
            serving.cancel_scope.cancel()

    await run_until_signalled(until)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("rate", type=float)
    parser.add_argument("seed")
    anyio.run(lambda given: serve(given.data_dir, given.port, given.rate, given.seed), parser.parse_args())
