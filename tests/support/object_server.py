"""The API's object routes alone, on a real port, over a filesystem store."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import anyio
import uvicorn
from litestar import Litestar
from litestar.di import Provide
from litestar.exceptions import HTTPException

from application.objects.signed_objects import SignedObjects
from domain.errors import MomentError
from entrypoints.api import objects, problems
from tests.support.pipeline import any_bucket

MAX_UPLOAD_BYTES = 1024 * 1024


@asynccontextmanager
async def serving(store: SignedObjects, port: int) -> AsyncIterator[None]:
    """Serve the store's signed URLs while the block lasts; uploads end at `MAX_UPLOAD_BYTES`."""
    config = uvicorn.Config(object_routes(store), lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", port)) as listening:  # takes connections from here on
        async with anyio.create_task_group() as group:
            group.start_soon(server.serve, [listening.dup()])
            yield
            server.should_exit = True


def object_routes(store: SignedObjects, max_upload_bytes: int = MAX_UPLOAD_BYTES) -> Litestar:
    """Return the routes as an application."""
    return Litestar(
        [objects.read_object, objects.put_object_up_to(max_upload_bytes)],
        dependencies={
            "objects": _give(store),
            "bucket_guard": _give(any_bucket),
            "clock": _give(lambda: datetime.now(UTC)),
            "max_upload_bytes": _give(max_upload_bytes),
        },
        exception_handlers={MomentError: problems.on_moment_error, HTTPException: problems.on_http_exception},
        openapi_config=None,
        logging_config=None,
    )


def _give(value: Any) -> Provide:
    async def give() -> Any:
        return value

    return Provide(give)
