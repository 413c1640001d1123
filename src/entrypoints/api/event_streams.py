"""Server-Sent Events (WHATWG HTML, section 9.2): streams of a job's events, in a bounded number.

A stream has no buffer: it writes what the job's row tells, waits until the connection has taken it, and looks at the
row again. So a slow reader costs its connection's buffers, and misses nothing; one that takes nothing for a minute is
cut, like every other reader (`request_bodies.py`).
"""

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

import anyio
import msgspec
from litestar.types import ASGIApp, HTTPResponseBodyEvent, Receive, Scope, Send

from application.client_shares import ClientShare, ClientShares
from application.moments.follow_events import Batch, FollowEvents
from application.moments.job_events import EventId, JobEvent
from domain.jobs.job import JobId
from entrypoints.api.client_addresses import client_of
from entrypoints.api.problem_documents import encoded_problem
from entrypoints.api.request_bodies import BodyRefused

MEDIA_TYPE: Final = "text/event-stream"

RETRY_SECONDS: Final = 2.0
"""After which a client connects again; when the process stops, up to twice as many, so that not all come at once."""

EVENTS_PER_PART: Final = 64
"""How many are written at once: what the connection may have to buffer."""

PING: Final = b":\n\n"

HEADERS: Final = [
    (b"content-type", MEDIA_TYPE.encode()),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx: pass on each event at once
]

_log = logging.getLogger(__name__)
_encoder: Final = msgspec.json.Encoder()


class StreamLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How many streams a process serves at once.

    Attributes:
        streams: Of all clients.
        of_client: From one address.
    """

    streams: int = 1024
    of_client: int = 256


class EventStreams:
    """Serves streams of events and counts them.

    Args:
        follow_events: Where the events come from.
        is_stopping: Whether the process ends: then clients are sent elsewhere.
        chance: Uniform random numbers in [0, 1).
        limits: How many there may be.
    """

    def __init__(
        self,
        follow_events: FollowEvents,
        is_stopping: Callable[[], bool],
        chance: Callable[[], float],
        limits: StreamLimits = StreamLimits(),  # noqa: B008 - frozen
    ) -> None:
        self._follow_events = follow_events
        self._is_stopping = is_stopping
        self._chance = chance
        self._shares = ClientShares(
            ClientShare(limits.streams, "streams_busy", "too many clients follow jobs at the same time; try again"),
            ClientShare(
                limits.of_client, "too_many_streams", "too many jobs are followed from this address at the same time"
            ),
        )

    async def __call__(self, job_id: JobId, last_event_id: str) -> ASGIApp:
        """Return the stream of a job, as a response: 204 if the job has ended and the client knows all.

        Raises:
            JobNotFound: There is no such job.
            JobUnreadable: A newer version wrote it.
            DatabaseUnavailable: It cannot be read now.
        """
        batches = await self._follow_events.open(job_id, EventId.read(last_event_id), self._is_stopping)
        if batches is None:
            return nothing_more

        async def respond(scope: Scope, receive: Receive, send: Send) -> None:
            client = client_of(scope)
            if share := self._shares.exhausted(client):
                await encoded_problem(share.code, share.detail)(scope, receive, send)
                return
            with self._shares.taken(client):
                await self._stream(batches, receive, send)

        return respond

    @property
    def count(self) -> int:
        """How many streams are open."""
        return self._shares.count

    async def _stream(self, batches: AsyncGenerator[Batch], receive: Receive, send: Send) -> None:
        """Send events until they end, or the client leaves or stops reading."""
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_on_disconnect, receive, group.cancel_scope)
            try:
                await self._send_all(batches, send)
            except BodyRefused as error:
                _log.info("a stream of events is cut: %s", error)
            group.cancel_scope.cancel()

    async def _send_all(self, batches: AsyncGenerator[Batch], send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send(_part(_retry(RETRY_SECONDS)))
        async with aclosing(batches):
            async for batch in batches:
                for start in range(0, len(batch), EVENTS_PER_PART):
                    await send(_part(b"".join(map(encode, batch[start : start + EVENTS_PER_PART]))))
                if not batch:
                    await send(_part(PING))
        last = _retry(RETRY_SECONDS * (1 + self._chance())) if self._is_stopping() else b""
        await send({"type": "http.response.body", "body": last, "more_body": False})


async def nothing_more(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Respond so that an `EventSource` does not connect again: with 204."""
    await send({"type": "http.response.start", "status": 204, "headers": [(b"cache-control", b"no-store")]})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def encode(event: JobEvent) -> bytes:
    """Return an event as it is sent; its data is one line of JSON."""
    event_id = b"" if event.id is None else b"id: %s\n" % str(event.id).encode()
    return b"%sevent: %s\ndata: %s\n\n" % (event_id, event.name.encode(), _encoder.encode(event.data))


def _retry(seconds: float) -> bytes:
    return b"retry: %d\n\n" % (1000 * seconds)


def _part(body: bytes) -> HTTPResponseBodyEvent:
    return {"type": "http.response.body", "body": body, "more_body": True}


async def _cancel_on_disconnect(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
