"""Deliveries of webhooks as workers see them, in Postgres: leases with fencing tokens."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg
import msgspec

from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from adapters.postgres.webhook_deliveries import read_log
from application.ports.webhooks import ClaimedDelivery, DeliveryState
from domain.jobs.job import JobId
from domain.webhooks.attempts import LOGGED, Answer
from domain.webhooks.events import WebhookEvent

CLAIM_DELIVERIES: Final = load_sql("claim_deliveries")
SETTLE_DELIVERY: Final = load_sql("settle_delivery")
DISABLE_ENDPOINT: Final = load_sql("disable_endpoint")
DROP_DELIVERIES: Final = load_sql("drop_deliveries")
RELEASE_DELIVERIES: Final = load_sql("release_deliveries")
FORGET_OLD_DELIVERIES: Final = load_sql("forget_old_deliveries")
FORGET_OLD_ENDPOINTS: Final = load_sql("forget_old_endpoints")

LEASE: Final = timedelta(seconds=30)
"""Three times what an attempt may take."""

AT_ONCE: Final = 2
"""How many deliveries an endpoint gets at the same time, from all workers together."""

NEVER: Final = datetime.max.replace(tzinfo=UTC)


class PostgresDeliveryQueue:
    """Implements `DeliveryQueue`."""

    def __init__(self, pool: asyncpg.Pool, *, lease: timedelta = LEASE) -> None:
        self._pool = pool
        self._lease = lease

    async def claim(self, worker: str, slots: int, *, ownerless: bool = True) -> Sequence[ClaimedDelivery]:
        """Call the function of the claim."""
        async with connected(self._pool) as connection:
            rows = await connection.fetch(CLAIM_DELIVERIES, worker, self._lease, slots, AT_ONCE, ownerless)
        return [_claimed(row) for row in rows]

    async def settle(
        self, claimed: ClaimedDelivery, state: DeliveryState, log: Sequence[Answer], after: timedelta = timedelta(0)
    ) -> bool:
        """Write the row, if the token is still the newest."""
        written = msgspec.json.encode(log[-LOGGED:]).decode()
        async with connected(self._pool) as connection:
            return bool(
                await connection.fetchval(SETTLE_DELIVERY, claimed.id, claimed.token, str(state), after, written)
            )

    async def disable(self, refused: ClaimedDelivery, because: str, unless_since: datetime | None = None) -> bool:
        """Mark the endpoint, then settle its rows; claims of the endpoint wait for neither."""
        async with connected(self._pool) as connection, connection.transaction():
            if await connection.fetchval(DISABLE_ENDPOINT, refused.endpoint_id, because, unless_since or NEVER) is None:
                return False
            await connection.execute(DROP_DELIVERIES, refused.endpoint_id, refused.id)
        return True

    async def release(self, claims: Sequence[ClaimedDelivery]) -> None:
        """Make the rows due, if the tokens are still the newest."""
        if claims:
            keys = [claimed.id for claimed in claims], [claimed.token for claimed in claims]
            async with connected(self._pool) as connection:
                await connection.execute(RELEASE_DELIVERIES, *keys)

    async def forget_old(self, age: timedelta, limit: int) -> None:
        """Delete rows."""
        async with connected(self._pool) as connection:
            await connection.execute(FORGET_OLD_DELIVERIES, age, limit)
            await connection.execute(FORGET_OLD_ENDPOINTS, age, limit)


def _claimed(row: asyncpg.Record) -> ClaimedDelivery:
    return ClaimedDelivery(
        id=row["id"],
        token=row["token"],
        attempt=row["attempt"],
        job_id=JobId(row["job_id"]),
        event=WebhookEvent(row["event"]),
        occurred_at=row["occurred_at"],
        whole=row["whole"],
        endpoint_id=row["endpoint_id"],
        url=row["url"],
        secrets=tuple(secret for secret in (row["secret"], row["former_secret"]) if secret),
        client_reference=row["client_reference"],
        log=read_log(row["log"]),
    )
