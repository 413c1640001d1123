"""The API under its production server, over jobs in memory and a real store in a folder."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import anyio
import httpx

from adapters.filesystem import FilesystemStore
from application.access import Limits, Permission
from application.keys.create_key import NewKey
from entrypoints.api.app import create_app
from entrypoints.api.server import serve_app
from entrypoints.container import Container
from entrypoints.local.network import free_port
from entrypoints.settings import parse
from tests.support.fake_api_keys import InMemoryApiKeys
from tests.support.fake_backlog import InMemoryBacklog
from tests.support.fake_conversions import InMemoryConversions
from tests.support.fake_job_lists import InMemoryJobLists
from tests.support.fake_orphans import InMemoryOrphans
from tests.support.fake_queue import InMemoryJobs
from tests.support.fake_request_keys import InMemoryRequestKeys
from tests.support.fake_shares import InMemoryShares
from tests.support.fake_upkeep import InMemoryUpkeep
from tests.support.fake_uploads import InMemoryUploads
from tests.support.fake_usage import InMemoryUsage
from tests.support.fake_webhooks import InMemoryWebhooks
from tests.support.fake_workers import InMemoryWorkers
from tests.support.pipeline import now

MAX_UPLOAD_BYTES = 3_000_000
ORIGIN = "https://app.example"
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(2000)


class ServedApi:
    """A running API.

    Attributes:
        http: A client of it.
        jobs: Its repository.
        orphans: What its database knows about its bucket.
        keys: Its idempotency keys.
        webhooks: Its endpoints and deliveries.
        api_keys: The keys of its users.
        store: Its object store.
        container: Its dependencies; tests may override them.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        jobs: InMemoryJobs,
        orphans: InMemoryOrphans,
        keys: InMemoryRequestKeys,
        webhooks: InMemoryWebhooks,
        api_keys: InMemoryApiKeys,
        store: FilesystemStore,
        container: Container,
    ):
        self.http = http
        self.jobs = jobs
        self.orphans = orphans
        self.keys = keys
        self.webhooks = webhooks
        self.api_keys = api_keys
        self.store = store
        self.container = container

    async def new_key(self, owner: str, *permissions: Permission, **limits: int) -> dict[str, str]:
        """Return the header with a new key of an owner; without permissions, it may create and read."""
        usual = (Permission.CREATE, Permission.READ)
        wanted = NewKey(owner=owner, permissions=frozenset(permissions or usual), limits=Limits(**limits))
        _, token = await self.container.create_key()(wanted)
        return {"Authorization": f"Bearer {token}"}

    async def submit(self, content: bytes = WAV, /, **fields: str) -> httpx.Response:
        """Submit a recording."""
        return await self.submit_with({}, content, **fields)

    async def submit_with(self, headers: dict[str, str], content: bytes = WAV, /, **fields: str) -> httpx.Response:
        """Submit a recording with headers, those of `new_key` for example."""
        files = {"file": ("hum.wav", content)}
        return await self.http.post("/v1/create-moment", files=files, data=fields, headers=headers)


@asynccontextmanager
async def serving_api(folder: Path, **environment: str) -> AsyncIterator[ServedApi]:
    """Serve for the duration of the block."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    defaults = {
        "MAX_UPLOAD_BYTES": str(MAX_UPLOAD_BYTES),
        "PUBLIC_URL": url,
        "CORS_ORIGINS": ORIGIN,
        "LOCAL_OPERATORS": "true",
    }
    settings = parse({**defaults, **environment})
    store, jobs = FilesystemStore(folder, url, b"secret", timedelta(hours=1)), InMemoryJobs()
    orphans, keys, api_keys = InMemoryOrphans(now), InMemoryRequestKeys(now), InMemoryApiKeys(now)
    container = Container(settings=settings, store=store, urls=store, inventory=store, objects=store)
    container.jobs.override(jobs)
    container.orphan_store.override(orphans)
    container.request_keys.override(keys)
    webhooks = InMemoryWebhooks(now)
    container.webhook_endpoints.override(webhooks)
    container.webhook_deliveries.override(webhooks)
    container.api_keys.override(api_keys)
    conversions = InMemoryConversions(jobs, now)
    container.conversions.override(conversions)
    container.uploads.override(InMemoryUploads(now))
    container.shares.override(InMemoryShares(jobs, now))
    container.job_lists.override(InMemoryJobLists(jobs))
    container.usage.override(InMemoryUsage(jobs.counts, now))
    upkeep = InMemoryUpkeep(jobs, now, conversions)
    container.retention_store.override(upkeep)
    container.job_admin.override(upkeep)
    container.worker_registry.override(InMemoryWorkers())
    container.backlog.override(InMemoryBacklog(jobs))
    stopping = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(serve_app, create_app(container, stopping), "127.0.0.1", port, stopping)
        await until_listening(port)
        async with httpx.AsyncClient(base_url=url, timeout=30.0, trust_env=False) as http:
            yield ServedApi(
                http,
                jobs=jobs,
                orphans=orphans,
                keys=keys,
                webhooks=webhooks,
                api_keys=api_keys,
                store=store,
                container=container,
            )
        stopping.set()


async def until_listening(port: int) -> None:
    """Wait until the port accepts connections."""
    with anyio.fail_after(10):
        while True:
            try:
                stream = await anyio.connect_tcp("127.0.0.1", port)
            except OSError:
                await anyio.sleep(0.01)
            else:
                await stream.aclose()
                return


def resident_bytes() -> int:
    """Return the resident memory of this process in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
