"""A worker whose music tools are a server of the original contract, over a queue and a store in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from adapters.filesystem.shared_folder import SharedFolder
from adapters.mcp.client import open_mcp_tools
from application.ports.jobs import JobView
from application.ports.results import NO_FOLDER
from domain.jobs.job import JobId
from tests.support.old_mcp_server import OldMcpServer, old_mcp_server
from tests.support.pipeline import CONFIG, Pipeline, PollingListener, a_work_loop

MAX_BYTES = 100_000
PAUSE = 0.05
"""Seconds between two trials, at most."""


class ForeignSite:
    """What a test sees of it.

    Attributes:
        old: The tool server.
        pipeline: Queue and store; its own tools are not used.
    """

    def __init__(self, old: OldMcpServer) -> None:
        self.old = old
        self.pipeline = Pipeline()

    async def waits(self, job_id: JobId, code: str) -> JobView:
        """Return when the job waits for something."""
        with anyio.fail_after(10):
            while (view := await self.pipeline.jobs.get(job_id)).waiting_for != code:
                await anyio.sleep(0.005)
        return view


@asynccontextmanager
async def foreign_site(
    folder: Path, *, shared: Path | None = None, links: bool = True, slots: int = CONFIG.slots
) -> AsyncIterator[ForeignSite]:
    """Run the tool server and a worker for the duration of the block.

    Args:
        folder: Where the tool server puts its results.
        shared: `MCP_OUTPUT_DIR`.
        links: Whether the server returns URLs.
        slots: Jobs that the worker runs at once.
    """
    results = SharedFolder(shared, MAX_BYTES) if shared else NO_FOLDER
    async with old_mcp_server(folder) as old, open_mcp_tools(f"{old.base_url}/mcp", folder=results) as tools:
        old.links = links
        site = ForeignSite(old)
        loop = a_work_loop(
            site.pipeline.jobs,
            PollingListener(),
            tools,
            site.pipeline.store,
            type(CONFIG)(worker="w", slots=slots, lease=CONFIG.lease, beat=CONFIG.beat, poll=CONFIG.poll, grace=0.0),
            folder=results,
            longest_pause=PAUSE,
        )
        stopping = anyio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(loop.run, stopping)
            yield site
            stopping.set()
