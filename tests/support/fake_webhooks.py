"""Endpoints and deliveries of webhooks in memory."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from application.ports.clock import Clock
from application.ports.webhooks import (
    Delivery,
    DeliveryCounts,
    DeliveryNotFound,
    DeliveryPending,
    DeliveryState,
    Endpoint,
    EndpointDisabled,
)
from domain.jobs.job import JobId
from domain.webhooks.attempts import Answer
from domain.webhooks.events import WebhookEvent
from tests.support.fake_faults import Faults, faulty
from tests.support.jobs import NOW


def a_delivery(job_id: JobId, **changes: object) -> Delivery:
    """Return a delivery that is to be tried again."""
    delivery = Delivery(
        id=uuid4(),
        job_id=job_id,
        event=WebhookEvent.COMPLETED,
        occurred_at=NOW,
        url="https://app.example/hooks?token=hush",
        owner="",
        endpoint_disabled=False,
        state=DeliveryState.PENDING,
        attempts=1,
        due_at=NOW,
        log=(Answer(at=NOW, status=500, error="status_500", seconds=0.1),),
    )
    return msgspec.structs.replace(delivery, **changes)


class InMemoryWebhooks:
    """Ports `WebhookEndpoints` and `WebhookDeliveries`.

    Attributes:
        endpoints: By their ids.
        secrets: By owner, the present one first.
        deliveries: Oldest first; nothing is added by itself.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.endpoints: dict[UUID, Endpoint] = {}
        self.secrets: dict[str, tuple[str, ...]] = {}
        self.deliveries: list[Delivery] = []
        self.faults = Faults()

    @faulty
    async def name(self, owner: str, url: str) -> bool:
        found = self._find(owner, url)
        if found and found.disabled_at and found.disabled_at > self._clock() - timedelta(days=1):
            raise EndpointDisabled(found.disabled_because)
        if found is None or found.disabled_at:
            self._put(found or self._new(owner, url), disabled_at=None, disabled_because="")
        return owner in self.secrets

    @faulty
    async def add(self, owner: str, url: str, events: Sequence[WebhookEvent], *, whole: bool) -> UUID:
        endpoint = self._find(owner, url) or self._new(owner, url)
        self._put(endpoint, events=tuple(events), whole=whole, disabled_at=None, disabled_because="")
        return endpoint.id

    @faulty
    async def list_endpoints(self, owner: str | None = None) -> Sequence[Endpoint]:
        shown = [one for one in self.endpoints.values() if one.events is not None or one.disabled_at]
        return [one for one in shown if owner in {None, one.owner}]

    @faulty
    async def remove(self, endpoint_id: UUID) -> bool:
        return self.endpoints.pop(endpoint_id, None) is not None

    @faulty
    async def enable(self, endpoint_id: UUID) -> bool:
        if endpoint_id not in self.endpoints:
            return False
        self._put(self.endpoints[endpoint_id], disabled_at=None, disabled_because="")
        return True

    @faulty
    async def add_secret(self, owner: str, secret: str) -> bool:
        return self.secrets.setdefault(owner, (secret,)) == (secret,)

    @faulty
    async def rotate_secret(self, owner: str, secret: str, overlap: timedelta) -> None:
        self.secrets[owner] = (secret, *self.secrets.get(owner, ())[:1])

    def disable(self, owner: str, url: str, because: str, at: datetime | None = None) -> None:
        """Do what a worker does."""
        found = self._find(owner, url) or self._new(owner, url)
        self._put(found, disabled_at=at or self._clock(), disabled_because=because)

    @faulty
    async def of_job(self, job_id: JobId, limit: int) -> Sequence[Delivery]:
        return [one for one in reversed(self.deliveries) if one.job_id == job_id][:limit]

    @faulty
    async def redeliver(self, job_id: JobId, delivery_id: UUID) -> Delivery:
        place, found = next(
            (
                (place, one)
                for place, one in enumerate(self.deliveries)
                if (one.job_id, one.id) == (job_id, delivery_id)
            ),
            (0, None),
        )
        if found is None:
            raise DeliveryNotFound(job_id, delivery_id)
        if found.endpoint_disabled:
            raise EndpointDisabled("it answered 410")
        if found.state is DeliveryState.PENDING:
            raise DeliveryPending(delivery_id)
        again = msgspec.structs.replace(found, state=DeliveryState.PENDING, attempts=0, due_at=self._clock())
        self.deliveries[place] = again
        return again

    @faulty
    async def count(self) -> DeliveryCounts:
        pending = sum(one.state is DeliveryState.PENDING for one in self.deliveries)
        return DeliveryCounts(pending, timedelta(0), ())

    def _find(self, owner: str, url: str) -> Endpoint | None:
        return next((one for one in self.endpoints.values() if (one.owner, one.url) == (owner, url)), None)

    def _new(self, owner: str, url: str) -> Endpoint:
        return Endpoint(
            id=uuid4(), owner=owner, url=url, events=None, whole=False, disabled_at=None, disabled_because="",
            created_at=self._clock(),
        )  # fmt: skip

    def _put(self, endpoint: Endpoint, **changes: object) -> None:
        self.endpoints[endpoint.id] = msgspec.structs.replace(endpoint, **changes)
