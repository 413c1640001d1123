"""The body of a webhook: `type`, `timestamp` and `data`, as Standard Webhooks has it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, Protocol

import msgspec

from application.moments.status_details import StatusError
from application.ports.jobs import JobRepository
from application.ports.webhooks import ClaimedDelivery
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus
from domain.webhooks.events import WebhookEvent

MAX_BYTES: Final = 256 * 1024
"""The size of a body; a status that would make it larger is left out."""

_encoder: Final = msgspec.json.Encoder()


class ThinData(msgspec.Struct, frozen=True):
    """What a webhook says of a job, unless its whole status is wanted; the rest is at `GET /v1/status/{id}`.

    Attributes:
        status: The state that was entered.
        client_reference: As in the request; empty without one.
        error: Why it failed; absent unless this is what the event says.
    """

    id: JobId
    status: JobStatus
    client_reference: str
    error: StatusError | None = None


class WebhookBody(msgspec.Struct, frozen=True):
    """A webhook.

    Attributes:
        type: The event.
        timestamp: When it happened.
        data: What is said of the job.
    """

    type: WebhookEvent
    timestamp: datetime
    data: ThinData | msgspec.Raw


class Status(Protocol):
    """A status as JSON."""

    @property
    def body(self) -> bytes:
        """The document."""


class WritePayload:
    """Writes the body of a delivery, as the job is now.

    Args:
        jobs: The jobs.
        read_status: Returns the whole status.
    """

    def __init__(self, jobs: JobRepository, read_status: Callable[[JobId], Awaitable[Status]]) -> None:
        self._jobs = jobs
        self._read_status = read_status

    async def __call__(self, claimed: ClaimedDelivery) -> str:
        """Return the body.

        Raises:
            JobNotFound: The job was deleted.
            JobUnreadable: A newer version wrote it.
            DatabaseUnavailable: It cannot be read now.
        """
        if claimed.whole:
            body = self._write(claimed, msgspec.Raw((await self._read_status(claimed.job_id)).body))
            if len(body) <= MAX_BYTES:
                return body.decode()
        error = await self._error(claimed) if claimed.event is WebhookEvent.FAILED else None
        thin = ThinData(claimed.job_id, claimed.event.status, claimed.client_reference, error)
        return self._write(claimed, thin).decode()

    async def _error(self, claimed: ClaimedDelivery) -> StatusError | None:
        return StatusError.of((await self._jobs.get(claimed.job_id)).job)

    @staticmethod
    def _write(claimed: ClaimedDelivery, data: ThinData | msgspec.Raw) -> bytes:
        return _encoder.encode(WebhookBody(claimed.event, claimed.occurred_at, data))
