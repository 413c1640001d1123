"""The object store of the chaos tests as a process: the API's own object routes, and faults before them."""

from datetime import timedelta
from pathlib import Path
from typing import Final, cast

from starlette.types import ASGIApp

from adapters.filesystem import FilesystemStore
from application.objects.signed_objects import OBJECTS_PATH
from entrypoints.data_dir import shared_secret
from tests.support.chaos_process import run, serve_until_signalled
from tests.support.faulty_app import OUTAGE, FaultyApp, paths_under
from tests.support.object_server import object_routes

MAX_UPLOAD_BYTES: Final = 64 * 1024 * 1024
"""Enough for a stem that was really rendered."""


def store_in(data_dir: Path, url: str) -> FilesystemStore:
    """Return the store that every process of this data folder shares."""
    return FilesystemStore(
        data_dir / "objects", url, shared_secret(data_dir, "objects").encode(), timedelta(seconds=3600)
    )


async def serve(data_dir: Path, port: int, rate: float, seed: str) -> None:
    """Serve until SIGTERM."""
    routes = cast("ASGIApp", object_routes(store_in(data_dir, f"http://127.0.0.1:{port}"), MAX_UPLOAD_BYTES))
    app = FaultyApp(routes, rate, f"objects {seed}", paths_under([OBJECTS_PATH]), outage=data_dir / OUTAGE)
    await serve_until_signalled(app, port)


if __name__ == "__main__":
    run(serve)
