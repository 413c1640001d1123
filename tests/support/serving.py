"""Serves ASGI applications over real sockets, in the test's event loop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from starlette.types import ASGIApp

from entrypoints.music_tools.hosting import host, listen


@asynccontextmanager
async def serving(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """Serve for the duration of the block; yield the base URL."""
    listener = listen("127.0.0.1", port)
    async with anyio.create_task_group() as group:
        group.start_soon(host, app, listener, 1.0)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        group.cancel_scope.cancel()
