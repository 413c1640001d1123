"""Webhooks as the API, the commands and the workers see them. Every method may raise `DatabaseUnavailable`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import msgspec

from domain.errors import MomentError
from domain.jobs.job import JobId
from domain.webhooks.attempts import Answer
from domain.webhooks.events import WebhookEvent


def without_query(url: str) -> str:
    """Return a URL as it may be shown: its query may hold secrets."""
    return url.partition("?")[0]


class DeliveryNotFound(MomentError):
    """The job has no such delivery."""

    code = "delivery_not_found"
    permanent = True

    def __init__(self, job_id: object, delivery_id: object) -> None:
        super().__init__(f"the job {job_id} has no delivery {delivery_id}")


class DeliveryPending(MomentError):
    """A delivery that is still tried cannot be sent again."""

    code = "delivery_pending"
    permanent = True

    def __init__(self, delivery_id: object) -> None:
        super().__init__(f"the delivery {delivery_id} is still being tried")


class EndpointDisabled(MomentError):
    """The endpoint asked for no more webhooks, or refused too many."""

    code = "webhook_disabled"
    permanent = True

    def __init__(self, because: str) -> None:
        super().__init__(f"the endpoint was disabled: {because}")


class WebhookUrlRefused(MomentError):
    """A webhook may not be sent to this URL; the message says why."""

    code = "webhook_invalid"
    permanent = True


class DeliveryState(StrEnum):
    """How far a delivery is.

    Attributes:
        PENDING: It is tried, or tried again.
        DELIVERED: The endpoint has it.
        FAILED: It is given up, after all attempts.
        DROPPED: Its endpoint was disabled.
    """

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a job for an endpoint.

    Attributes:
        id: The `webhook-id`, the same in each of its attempts.
        occurred_at: When the event happened.
        url: Of the endpoint, as it was named: its query may hold secrets.
        owner: Whose endpoint it is; empty without one.
        endpoint_disabled: Whether nothing more is sent there.
        attempts: How many were made, without those before it was sent again.
        due_at: When the next attempt is, at the earliest; None if there is none.
        log: The last attempts, oldest first.
    """

    id: UUID
    job_id: JobId
    event: WebhookEvent
    occurred_at: datetime
    url: str
    owner: str
    endpoint_disabled: bool
    state: DeliveryState
    attempts: int
    due_at: datetime | None
    log: tuple[Answer, ...]


class DeliveryCounts(msgspec.Struct, frozen=True):
    """How deliveries stand.

    Attributes:
        pending: How many are not settled.
        late: For how long the oldest of those that are due has been due.
        disabled: URLs of endpoints that are disabled, the last one first, 100 at most.
        failing: How many of the pending ones have failed and wait for another try.
        failing_for: For how long the oldest of those has failed.
    """

    pending: int
    late: timedelta
    disabled: tuple[str, ...]
    failing: int = 0
    failing_for: timedelta = timedelta(0)


class WebhookDeliveries(Protocol):
    """What was and will be delivered."""

    async def of_job(self, job_id: JobId, limit: int) -> Sequence[Delivery]:
        """Return the deliveries of a job, newest first."""

    async def redeliver(self, job_id: JobId, delivery_id: UUID) -> Delivery:
        """Let a delivery be tried again under its own id, with all attempts; return it as it is then.

        Raises:
            DeliveryNotFound, DeliveryPending, EndpointDisabled: It stays as it is.
        """

    async def count(self) -> DeliveryCounts:
        """Return how deliveries stand."""


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where webhooks are sent.

    Attributes:
        owner: Whose; empty without one.
        events: What is sent there of every job of the owner; None where only requests name it.
        whole: Whether whole statuses are sent.
        disabled_at: Since when nothing is sent.
        disabled_because: Why.
        failing: How many deliveries have failed and wait for another try.
        last_failure: The last answer to one of those.
    """

    id: UUID
    owner: str
    url: str
    events: tuple[WebhookEvent, ...] | None
    whole: bool
    disabled_at: datetime | None
    disabled_because: str
    created_at: datetime
    failing: int = 0
    last_failure: Answer | None = None


class WebhookEndpoints(Protocol):
    """Where webhooks are sent, and what they are signed with."""

    async def name(self, owner: str, url: str) -> bool:
        """Know of an endpoint from now on, which a request names; return whether its owner has a secret.

        Raises:
            EndpointDisabled: Less than a day ago; later it is tried again.
        """

    async def add(self, owner: str, url: str, events: Sequence[WebhookEvent], *, whole: bool) -> UUID:
        """Send the events of every job of an owner to an endpoint, which is enabled; return its id."""

    async def list_endpoints(self, owner: str | None = None) -> Sequence[Endpoint]:
        """Return what owners have added, what fails, and what is disabled; of one owner, or of all."""

    async def remove(self, endpoint_id: UUID) -> bool:
        """Forget an endpoint with its deliveries; return whether there was one."""

    async def enable(self, endpoint_id: UUID) -> bool:
        """Send there again what happens from now on; return whether there is such an endpoint."""

    async def add_secret(self, owner: str, secret: str) -> bool:
        """Sign with a secret what an owner gets, unless they have one; return whether it was added."""

    async def rotate_secret(self, owner: str, secret: str, overlap: timedelta) -> None:
        """Sign with a new secret; the former one signs as well for a while."""


class ClaimedDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that this worker is to send.

    Attributes:
        token: Grows with each claim; only the newest may settle it.
        attempt: Counts from 1.
        whole: Whether the whole status is sent.
        secrets: Of its owner, the present one first; empty if the service's own sign it.
        log: The attempts so far.
    """

    id: UUID
    token: int
    attempt: int
    job_id: JobId
    event: WebhookEvent
    occurred_at: datetime
    whole: bool
    endpoint_id: UUID
    url: str
    secrets: tuple[str, ...] = ()
    client_reference: str = ""
    log: tuple[Answer, ...] = ()

    @property
    def place(self) -> str:
        """Where it is sent, for people."""
        return without_query(self.url)


class DeliveryQueue(Protocol):
    """Deliveries as workers see them: leased and fenced like jobs."""

    async def claim(self, worker: str, slots: int, *, ownerless: bool = True) -> Sequence[ClaimedDelivery]:
        """Lease what is due, the oldest of each endpoint first, and of one job never one before an earlier one.

        Args:
            worker: Its name.
            slots: How many it can send.
            ownerless: Whether it can sign what has no owner.
        """

    async def settle(
        self, claimed: ClaimedDelivery, state: DeliveryState, log: Sequence[Answer], after: timedelta = timedelta(0)
    ) -> bool:
        """Store what became of an attempt; return whether the lease was ours.

        Args:
            claimed: The delivery.
            state: Its state from now on; a pending one is tried again.
            log: Its attempts, oldest first.
            after: The time before the next attempt.
        """

    async def disable(self, refused: ClaimedDelivery, because: str, unless_since: datetime | None = None) -> bool:
        """Send nothing more to an endpoint, and drop what else waits; return whether it was disabled now.

        Args:
            refused: What it was sent at last; it is settled next.
            because: Why.
            unless_since: Not if something was delivered there since then.
        """

    async def release(self, claims: Sequence[ClaimedDelivery]) -> None:
        """Give back what was not sent, or only in part."""

    async def forget_old(self, age: timedelta, limit: int) -> None:
        """Remove what was settled so long ago, and endpoints that no request has named since; oldest first."""


class WebhookSender(Protocol):
    """Sends webhooks."""

    async def send(self, claimed: ClaimedDelivery, body: str) -> Answer:
        """Sign and send a webhook; whatever happens is the answer."""
