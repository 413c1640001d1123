"""A whole service in the test's process, over a real database, with music tools that respond at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx
from dependency_injector.providers import Object

from adapters.http.webhook_signing import new_secret
from entrypoints.api.app import create_app
from entrypoints.api.server import serve_app
from entrypoints.container import Container, open_container
from entrypoints.local.network import free_port
from entrypoints.settings import parse
from entrypoints.worker import run_worker
from tests.support.api import until_listening
from tests.support.fake_tools import FakeMusicTools


class TranscribedService:
    """A running service.

    Attributes:
        url: Where it is.
        environment: Its settings.
        container: Its dependencies.
    """

    def __init__(self, url: str, environment: dict[str, str], container: Container) -> None:
        self.url = url
        self.environment = environment
        self.container = container


@asynccontextmanager
async def transcribed_service(database_url: str, folder: Path) -> AsyncIterator[TranscribedService]:
    """Run api and worker for the duration of the block."""
    port = free_port()
    url = f"http://localhost:{port}"
    environment = {
        "DATABASE_URL": database_url,
        "PUBLIC_URL": url,
        "LOCAL_OPERATORS": "true",
        "MOMENT_DATA_DIR": str(folder),
        "WEBHOOK_SECRET": new_secret(),
        "MCP_BASE_URL": "http://127.0.0.1:9/mcp",
    }
    async with open_container(parse(environment), working=True) as container, httpx.AsyncClient() as http:

        async def put(target: str, content: bytes, mime_type: str) -> None:
            sent = await http.put(target, content=content, headers={"Content-Type": mime_type})
            sent.raise_for_status()

        tools = FakeMusicTools(put)
        container.tools.override(tools)
        container.encoder.override(tools)
        container.worker_name.override(Object("worker-1"))
        stopping = anyio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(serve_app, create_app(container, stopping), "127.0.0.1", port, stopping)
            group.start_soon(run_worker, container, stopping)
            await until_listening(port)
            yield TranscribedService(url, environment, container)
            stopping.set()
