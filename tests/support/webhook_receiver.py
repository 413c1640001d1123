"""A receiver of webhooks that behaves as badly as real ones: it is late, refuses, redirects, closes, never ends."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import anyio
import anyio.abc
import msgspec
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream
from standardwebhooks import Webhook, WebhookVerificationError

CLOSE, SLOW, LATE, ENDLESS, ENDLESS_HEAD, SLOW_HEAD = "close", "slow", "late", "endless", "endless head", "slow head"
"""What it may do instead of answering with a status."""

Behaviour = int | str

SLOW_SECONDS: Final = 0.1
LATE_SECONDS: Final = 0.8


class Received(msgspec.Struct, frozen=True):
    """A request that was read to its end.

    Attributes:
        answer: What was done with it.
        is_signed: Whether the signature was good when it came; false where the receiver has no secret.
        at: When it was read, by a clock that never goes back.
    """

    path: str
    headers: dict[str, str]
    body: str
    answer: Behaviour
    is_signed: bool
    at: float

    @property
    def id(self) -> str:
        """The `webhook-id`."""
        return self.headers["webhook-id"]

    @property
    def document(self) -> dict[str, Any]:
        """The body."""
        found: dict[str, Any] = msgspec.json.decode(self.body)
        return found

    @property
    def delivered(self) -> bool:
        """Whether it was accepted."""
        return self.answer in {200, 204, SLOW, ENDLESS}


class Receiver:
    """Answers requests by their path: with each of its behaviours in turn, then for ever with the last one.

    Attributes:
        secret: What signatures are verified with, if anything.
        most_refusals: How often it refuses the same webhook before it accepts it; None: as its behaviours say.
        received: Every request, in order.
        together: How many were being answered at the same time, at most, by path.
    """

    def __init__(self, behaviours: Mapping[str, Sequence[Behaviour]]) -> None:
        self._behaviours = {path: list(turns) for path, turns in behaviours.items()}
        self._open: dict[str, int] = {}
        self.secret = ""
        self.most_refusals: int | None = None
        self.received: list[Received] = []
        self.together: dict[str, int] = {}
        self.port = 0

    def url(self, path: str = "/") -> str:
        """Return the URL of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def behave(self, path: str, behaviour: Behaviour) -> None:
        """Answer so from now on."""
        self._behaviours[path] = [behaviour]

    def at(self, path: str) -> list[Received]:
        """Return what came to a path."""
        return [one for one in self.received if one.path == path]

    async def until(self, count: int, path: str | None = None, patience: float = 15) -> None:
        """Wait until so many requests have come."""
        with anyio.fail_after(patience):
            while len(self.received if path is None else self.at(path)) < count:
                await anyio.sleep(0.01)

    async def handle(self, connection: SocketStream) -> None:
        """Answer one request."""
        async with connection:
            with suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.IncompleteRead):
                await self._answer(connection)

    async def _answer(self, connection: SocketStream) -> None:
        path, headers, body = await _read(connection)
        turns = self._behaviours.get(path, [200])
        behaviour = turns.pop(0) if len(turns) > 1 else turns[0]
        if self._has_refused_enough(headers.get("webhook-id", "")):
            behaviour = 200
        self.received.append(Received(path, headers, body, behaviour, self._is_signed(body, headers), time.monotonic()))
        self._open[path] = self._open.get(path, 0) + 1
        self.together[path] = max(self.together.get(path, 0), self._open[path])
        try:
            await _behave(connection, behaviour)
        finally:
            self._open[path] -= 1

    def _is_signed(self, body: str, headers: dict[str, str]) -> bool:
        """Verify now: a signature is good for some minutes."""
        if not self.secret:
            return False
        try:
            Webhook(self.secret).verify(body, headers)
        except WebhookVerificationError:
            return False
        return True

    def _has_refused_enough(self, webhook_id: str) -> bool:
        if self.most_refusals is None:
            return False
        refusals = sum(1 for one in self.received if one.id == webhook_id and not one.delivered)
        return refusals >= self.most_refusals


async def _behave(connection: SocketStream, behaviour: Behaviour) -> None:
    match behaviour:
        case "close":
            return
        case "slow" | "late":
            await anyio.sleep(SLOW_SECONDS if behaviour == SLOW else LATE_SECONDS)
            await connection.send(_head(200))
        case "endless":
            await connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                await connection.send(b"10000\r\n" + bytes(0x10000) + b"\r\n")
        case "endless head":
            await connection.send(b"HTTP/1.1 200 OK\r\n")
            while True:
                await connection.send(b"X: " + b"x" * 8000 + b"\r\n")
        case "slow head":
            while True:
                await connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
                await anyio.sleep(0.01)
        case _:
            await connection.send(_head(int(behaviour)))


def _head(status: int) -> bytes:
    to = "Location: /elsewhere\r\n" if 300 <= status < 400 else ""
    return f"HTTP/1.1 {status} As Asked\r\n{to}Connection: close\r\nContent-Length: 0\r\n\r\n".encode()


async def _read(connection: SocketStream) -> tuple[str, dict[str, str], str]:
    stream = BufferedByteReceiveStream(connection)
    first, *lines = (await stream.receive_until(b"\r\n\r\n", 65536)).decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await stream.receive_exactly(int(headers["content-length"]))
    return first.split(" ")[1], headers, body.decode()


@asynccontextmanager
async def receiving(**behaviours: Sequence[Behaviour]) -> AsyncIterator[Receiver]:
    """Receive for the duration of the block; a path is named without its slash."""
    receiver = Receiver({f"/{path}": turns for path, turns in behaviours.items()})
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as group:
        receiver.port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - anyio's, not Django's
        group.start_soon(listener.serve, receiver.handle)
        yield receiver
        group.cancel_scope.cancel()
