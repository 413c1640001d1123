"""Opening what the graph stands on, and closing it in reverse order."""

# ruff: noqa: PLC0415 - only configured adapters are imported: it keeps processes small

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec

from adapters.telemetry.structured_logs import StructuredLogs
from application.ports.objects import ObjectStorage
from application.ports.results import NO_FOLDER, ResultFolder
from application.ports.tools import Fetcher, ToolName
from application.ports.webhooks import WebhookSender
from application.telemetry import Telemetry
from application.worker.slot_limit import SlotLimit
from entrypoints.container.graph import Container
from entrypoints.data_dir import prepare, shared_secret
from entrypoints.open_database import open_database
from entrypoints.settings import InvalidSettings, Settings


@asynccontextmanager
async def open_container(settings: Settings, *, working: bool = False) -> AsyncIterator[Container]:
    """Open the resources of the graph, and close them in reverse order.

    Args:
        settings: The settings of this process.
        working: Whether for a worker, which needs the queue and the tools; the api does not.

    Raises:
        InvalidSettings: A required setting is missing or cannot be used. A server that does not answer raises only
            when it is used: processes start in any order.
    """
    async with AsyncExitStack() as stack:
        telemetry = StructuredLogs()
        parts = await open_database(settings, stack, working=working) | await _open_store(settings, stack)
        if working:
            slot_limit = SlotLimit(settings.slots)
            parts |= {"slot_limit": slot_limit} | await _open_tools(settings, stack, telemetry, slot_limit)
            parts |= {"webhook_sender": await _open_webhooks(settings, stack)}
        yield Container(settings=settings, telemetry=telemetry, **parts)


async def _open_store(settings: Settings, stack: AsyncExitStack) -> dict[str, Any]:
    """Return the configured store; the libraries of the other one are not imported."""
    expiry = timedelta(seconds=settings.url_expiry)
    if settings.spaces is None:
        from adapters.filesystem import FilesystemStore

        secret = shared_secret(settings.data_dir, "objects").encode()
        root = prepare(settings.data_dir) / "objects"
        embedded = FilesystemStore(root, settings.public_url, secret, expiry)
        return _parts(embedded) | {"objects": embedded}
    from adapters.spaces import open_spaces

    try:
        store: ObjectStorage = await stack.enter_async_context(
            open_spaces(**msgspec.structs.asdict(settings.spaces), url_expiry=expiry)
        )
    except ValueError as error:
        raise InvalidSettings(f"DO_SPACES_ENDPOINT: {error}") from error
    return _parts(store)


def _parts(storage: ObjectStorage) -> dict[str, Any]:
    """Return an adapter as the three ports that it implements."""
    return {"store": storage, "urls": storage, "inventory": storage}


async def _open_tools(
    settings: Settings, stack: AsyncExitStack, telemetry: Telemetry, slot_limit: SlotLimit
) -> dict[str, Any]:
    from adapters.http.clients import open_client
    from adapters.http.fetcher import HttpFetcher
    from adapters.mcp.client import open_mcp_tools

    if not settings.mcp_url:
        raise InvalidSettings("MCP_BASE_URL is not set: set it, or run `moment up`, which starts its own music tools")
    folder = shared_folder(settings)
    tools = await stack.enter_async_context(
        open_mcp_tools(
            settings.mcp_url,
            settings.mcp_token,
            tool_timeouts(settings),
            telemetry,
            on_busy=slot_limit.shrink,
            folder=folder,
        )
    )
    fetcher: Fetcher = HttpFetcher(await stack.enter_async_context(open_client()))
    return {"tools": tools, "encoder": tools, "fetcher": fetcher, "folder": folder}


async def _open_webhooks(settings: Settings, stack: AsyncExitStack) -> WebhookSender:
    """Return what sends webhooks. The store and `PUBLIC_URL` are no places for them, other than for recordings."""
    from adapters.http.egress import guarded_client
    from adapters.http.webhooks import HttpWebhookSender

    client = await stack.enter_async_context(guarded_client(settings.egress_allowed))
    return HttpWebhookSender(client, settings.webhook_secrets)


def shared_folder(settings: Settings) -> ResultFolder:
    """Return the folder of the tool server's results."""
    from adapters.filesystem.shared_folder import SharedFolder

    return SharedFolder(settings.output_dir, settings.max_upload_bytes) if settings.output_dir else NO_FOLDER


def tool_timeouts(settings: Settings) -> dict[str, float]:
    """Return the time-outs of tools that are configured, in seconds."""
    named = dict.fromkeys(ToolName, settings.tool_timeout) | {ToolName.CREATE_SONG: settings.song_timeout}
    return {tool: seconds for tool, seconds in named.items() if seconds}
