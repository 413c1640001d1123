"""Opening the database: the pools and the listener of one process."""

import os
import socket
from contextlib import AsyncExitStack
from typing import Any, Final

import asyncpg
import msgspec

from adapters.postgres.change_listener import open_job_changes
from adapters.postgres.dsn import Dsn
from adapters.postgres.listener import open_listener
from adapters.postgres.notifier import open_notifier
from adapters.postgres.pool import open_pool
from adapters.postgres.route import Route
from entrypoints.settings import InvalidSettings, Settings

COMMAND_SECONDS: Final = 10.0
"""The timeout of a statement; half a lease if that is shorter, so that a worker learns of it before its lease ends."""


def process_name() -> str:
    """Return the name of this process among all machines' processes."""
    return f"{socket.gethostname()}-{os.getpid()}"


def named_for_server(dsn: Dsn, role: str) -> Dsn:
    """Return the database as a process opens it: its connections show their role and process to the server."""
    return msgspec.structs.replace(dsn, application_name=f"moment {role} {process_name()}")


async def open_database(settings: Settings, stack: AsyncExitStack, *, working: bool) -> dict[str, Any]:
    """Open what a process needs of the database, until `stack` closes; return it by the container's names.

    Nothing is connected yet: the server may be away. Fewer connections than the settings allow are open most of the
    time, because unused ones are closed.

    Args:
        settings: The settings of this process.
        stack: What keeps everything open.
        working: Whether for a worker, which needs heartbeats and notifications of new jobs; others get those of changed
            jobs.

    Raises:
        InvalidSettings: No database is configured.
    """
    if settings.database is None:
        raise InvalidSettings("DATABASE_URL is not set: set it, or run `moment up`, which starts its own Postgres")
    database = named_for_server(settings.database, "worker" if working else "api")
    route = Route(database)
    heartbeat_pool = await _open_heartbeat_pool(database, settings, stack, route) if working else None
    pool = await stack.enter_async_context(
        open_pool(
            database,
            min_size=0,
            max_size=settings.database_connections,
            command_timeout=min(COMMAND_SECONDS, settings.lease / 2),
            route=route,
            after=heartbeat_pool,
        )
    )
    parts = {"pool": pool, "notifier": await stack.enter_async_context(open_notifier(pool))}
    if working:
        listening, way = _listening(database, settings, "listener", route)
        listener = await stack.enter_async_context(open_listener(listening, route=way))
        return parts | {"heartbeat_pool": heartbeat_pool, "listener": listener}
    listening, way = _listening(database, settings, "watcher", route)
    return parts | {"job_changes": await stack.enter_async_context(open_job_changes(listening, route=way))}


async def _open_heartbeat_pool(database: Dsn, settings: Settings, stack: AsyncExitStack, route: Route) -> asyncpg.Pool:
    """Open one connection for heartbeats alone, so that nothing delays them; once open, it is kept."""
    return await stack.enter_async_context(
        open_pool(database, min_size=0, max_size=1, command_timeout=settings.lease / 3, idle_seconds=0, route=route)
    )


def _listening(database: Dsn, settings: Settings, role: str, route: Route) -> tuple[Dsn, Route]:
    """Return where to listen for notifications, and what is known of the way."""
    if settings.database_direct is None:
        return named_for_server(database, role), route
    direct = named_for_server(settings.database_direct, role)
    return direct, Route(direct, "DATABASE_DIRECT_URL")
