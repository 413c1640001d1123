"""Endpoints of webhooks and their secrets, in Postgres."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from application.ports.webhooks import Endpoint, EndpointDisabled
from domain.webhooks.attempts import Answer
from domain.webhooks.events import WebhookEvent

NAME_ENDPOINT: Final = load_sql("name_endpoint")
ADD_ENDPOINT: Final = load_sql("add_endpoint")
LIST_ENDPOINTS: Final = load_sql("list_endpoints")
REMOVE_ENDPOINT: Final = load_sql("remove_endpoint")
ENABLE_ENDPOINT: Final = load_sql("enable_endpoint")
ADD_SECRET: Final = load_sql("add_secret")
ROTATE_SECRET: Final = load_sql("rotate_secret")

DISABLED_FOR: Final = timedelta(days=1)
"""Then a request may name the endpoint again."""


class PostgresWebhookEndpoints:
    """Implements `WebhookEndpoints`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def name(self, owner: str, url: str) -> bool:
        """Write the row unless it is up to date."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(NAME_ENDPOINT, owner, url, DISABLED_FOR)
        if row["disabled_because"]:
            raise EndpointDisabled(row["disabled_because"])
        return bool(row["has_secret"])

    async def add(self, owner: str, url: str, events: Sequence[WebhookEvent], *, whole: bool) -> UUID:
        """Write the row."""
        return UUID(str(await self._value(ADD_ENDPOINT, owner, url, [str(event) for event in events], whole)))

    async def list_endpoints(self, owner: str | None = None) -> Sequence[Endpoint]:
        """Read the rows."""
        async with connected(self._pool) as connection:
            return [_endpoint(row) for row in await connection.fetch(LIST_ENDPOINTS, owner)]

    async def remove(self, endpoint_id: UUID) -> bool:
        """Delete the row; its deliveries go with it."""
        return await self._value(REMOVE_ENDPOINT, endpoint_id) is not None

    async def enable(self, endpoint_id: UUID) -> bool:
        """Clear the mark."""
        return await self._value(ENABLE_ENDPOINT, endpoint_id) is not None

    async def add_secret(self, owner: str, secret: str) -> bool:
        """Insert the row."""
        return await self._value(ADD_SECRET, owner, secret) is not None

    async def rotate_secret(self, owner: str, secret: str, overlap: timedelta) -> None:
        """Move the secret to its former place."""
        await self._value(ROTATE_SECRET, owner, secret, overlap)

    async def _value(self, statement: str, *arguments: object) -> object:
        async with connected(self._pool) as connection:
            value: object = await connection.fetchval(statement, *arguments)
            return value


def _endpoint(row: asyncpg.Record) -> Endpoint:
    events = row["events"]
    return Endpoint(
        id=row["id"],
        owner=row["owner"],
        url=row["url"],
        events=None if events is None else tuple(map(WebhookEvent, events)),
        whole=row["whole"],
        disabled_at=row["disabled_at"],
        disabled_because=row["disabled_because"],
        created_at=row["created_at"],
        failing=row["failing"],
        last_failure=msgspec.json.decode(row["last_failure"], type=Answer) if row["last_failure"] else None,
    )
