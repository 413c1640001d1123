"""Deliveries of webhooks as others see them, in Postgres."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from application.ports.webhooks import (
    Delivery,
    DeliveryCounts,
    DeliveryNotFound,
    DeliveryPending,
    DeliveryState,
    EndpointDisabled,
)
from domain.jobs.job import JobId
from domain.webhooks.attempts import Answer
from domain.webhooks.events import WebhookEvent

LIST_DELIVERIES: Final = load_sql("list_deliveries")
REDELIVER: Final = load_sql("redeliver")
COUNT_DELIVERIES: Final = load_sql("count_deliveries")

_log_decoder: Final = msgspec.json.Decoder(tuple[Answer, ...])


def read_log(text: str) -> tuple[Answer, ...]:
    """Return the attempts that a row remembers."""
    return _log_decoder.decode(text)


class PostgresWebhookDeliveries:
    """Implements `WebhookDeliveries`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def of_job(self, job_id: JobId, limit: int) -> Sequence[Delivery]:
        """Read the rows of a job."""
        async with connected(self._pool) as connection:
            return [_delivery(row) for row in await connection.fetch(LIST_DELIVERIES, job_id, limit, None)]

    async def redeliver(self, job_id: JobId, delivery_id: UUID) -> Delivery:
        """Open the row again."""
        async with connected(self._pool) as connection:
            changed = await connection.fetchval(REDELIVER, job_id, delivery_id)
            row = await connection.fetchrow(LIST_DELIVERIES, job_id, 1, delivery_id)
        if row is None:
            raise DeliveryNotFound(job_id, delivery_id)
        if changed:
            return _delivery(row)
        if row["endpoint_disabled"]:
            raise EndpointDisabled(row["disabled_because"])
        raise DeliveryPending(delivery_id)

    async def count(self) -> DeliveryCounts:
        """Count the open rows."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(COUNT_DELIVERIES)
        late, failing_for = (row["now"] - since if since else timedelta(0) for since in row["since"])
        return DeliveryCounts(row["pending"], late, tuple(row["disabled"]), row["failing"], failing_for)


def _delivery(row: asyncpg.Record) -> Delivery:
    return Delivery(
        id=row["id"],
        job_id=JobId(row["job_id"]),
        event=WebhookEvent(row["event"]),
        occurred_at=row["occurred_at"],
        url=row["url"],
        owner=row["owner"],
        endpoint_disabled=row["endpoint_disabled"],
        state=DeliveryState(row["state"]),
        attempts=row["attempt"],
        due_at=row["due_at"],
        log=read_log(row["log"]),
    )
