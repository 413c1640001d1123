"""The routes of webhooks: what was delivered of a job, and sending it again."""

from datetime import datetime
from typing import Self
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath

from application.ports.webhooks import Delivery, DeliveryNotFound, DeliveryState, without_query
from domain.webhooks.attempts import Answer
from domain.webhooks.events import WebhookEvent
from entrypoints.api.dependencies import DeliverAgain, Deliveries
from entrypoints.api.job_ids import parse_job_id
from entrypoints.api.openapi import NO_DATABASE, NO_JOB, problem


class DeliveryAttempt(msgspec.Struct, frozen=True):
    """An attempt: `status` is null without an answer, `error` null if it was delivered."""

    at: datetime
    status: int | None
    error: str | None
    seconds: float

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """Return an attempt as it is shown."""
        return cls(answer.at, answer.status, answer.error or None, answer.seconds)


class JobDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a job for an endpoint.

    Attributes:
        id: The `webhook-id`.
        type: The event.
        timestamp: When it happened.
        url: Of the endpoint, without its query.
        state: `dropped` if its endpoint was disabled.
        attempts: How many were made, since it was last sent again.
        next_attempt_at: At the earliest; null if there is none.
        log: The last 20 attempts, oldest first.
    """

    id: UUID
    type: WebhookEvent
    timestamp: datetime
    url: str
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime | None
    log: tuple[DeliveryAttempt, ...]

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Return a delivery as it is shown."""
        return cls(
            id=delivery.id,
            type=delivery.event,
            timestamp=delivery.occurred_at,
            url=without_query(delivery.url),
            state=delivery.state,
            attempts=delivery.attempts,
            next_attempt_at=delivery.due_at,
            log=tuple(map(DeliveryAttempt.of, delivery.log)),
        )


class JobDeliveries(msgspec.Struct, frozen=True):
    """The deliveries of a job, newest first."""

    deliveries: tuple[JobDelivery, ...]


@get(
    "/v1/jobs/{job_id:str}/deliveries",
    operation_id="listDeliveries",
    summary="See what became of a job's webhooks",
    tags=["webhooks"],
    responses={404: NO_JOB, 503: NO_DATABASE},
)
async def list_deliveries(job_id: FromPath[str], deliveries: Deliveries) -> JobDeliveries:
    """Return the last hundred deliveries of a job; they are kept for 30 days, unless the job goes before."""
    found = await deliveries(parse_job_id(job_id))
    return JobDeliveries(tuple(map(JobDelivery.of, found)))


@post(
    "/v1/jobs/{job_id:str}/deliveries/{delivery_id:str}/redeliver",
    status_code=202,
    operation_id="redeliver",
    summary="Send a webhook again",
    tags=["webhooks"],
    responses={
        404: problem("no such job, or it has no such delivery"),
        409: problem("the delivery is still tried, or its endpoint is disabled"),
        503: NO_DATABASE,
    },
)
async def redeliver(job_id: FromPath[str], delivery_id: FromPath[str], again: DeliverAgain) -> JobDelivery:
    """Send a webhook again that was delivered or given up, under the same id, with all attempts."""
    job = parse_job_id(job_id)
    try:
        delivery = UUID(delivery_id)
    except ValueError:
        raise DeliveryNotFound(job, delivery_id) from None
    return JobDelivery.of(await again(job, delivery))
