"""Request bodies and long responses in a bounded number and at a pace, so that slow clients hold up nobody else.

Whoever sends a body by and by, or reads a response so, holds a connection, memory and a file. What has no body (health,
statuses) is never refused here.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import anyio
import msgspec
from litestar.types import ASGIApp, Message, Receive, ReceiveMessage, Scope, Send

from application.client_shares import ClientShare, ClientShares
from domain.errors import MomentError
from entrypoints.api.client_addresses import client_of
from entrypoints.api.problem_documents import encoded_problem


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What clients may do; all times in seconds.

    Attributes:
        bodies: How many bodies may arrive at once: each has up to a megabyte of memory.
        of_client: How many of them from one address.
        silence: How long a body may pause.
        slow_after: When the rate of a body counts.
        rate: Bytes a second that it must have had on average by then: a poor mobile connection has.
        reading: How long a client may take nothing of a response.
    """

    bodies: int = 128
    of_client: int = 32
    silence: float = 10.0
    slow_after: float = 20.0
    rate: int = 2048
    reading: float = 60.0


_BODY_HEADERS: Final = frozenset({b"content-length", b"transfer-encoding"})


class BodyRefused(MomentError):
    """A body that does not arrive: `request_too_slow` or `body_incomplete`."""


class RequestBodies:
    """Counts the bodies that arrive at a process, and where they come from."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._shares = ClientShares(
            ClientShare(limits.bodies, "service_busy", "too many uploads arrive at the same time; try again"),
            ClientShare(
                limits.of_client, "too_many_uploads", "too many uploads arrive from this address at the same time"
            ),
        )

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return the application with its bodies limited."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            send = _patient(send, self._limits)
            if not has_body(scope):
                await app(scope, receive, send)
                return
            client = client_of(scope)
            if share := self._shares.exhausted(client):
                await encoded_problem(share.code, share.detail)(scope, receive, send)
                return
            with self._shares.taken(client) as arrived:
                await app(scope, _paced(receive, self._limits, arrived), send)

        return serve


def has_body(scope: Scope) -> bool:
    """Return whether a request announces a body."""
    found = {name: value for name, value in scope["headers"] if name in _BODY_HEADERS}
    return bool(found) and found.get(b"content-length") != b"0"


def _paced(receive: Receive, limits: Limits, arrived: Callable[[], None]) -> Receive:
    """Return a channel that raises `BodyRefused` when the body pauses, is slow, or breaks off.

    `arrived` is called when it is complete.
    """
    began, size, complete = anyio.current_time(), 0, False

    async def paced_receive() -> ReceiveMessage:
        nonlocal size, complete
        if complete:
            return await receive()
        try:
            async with asyncio.timeout(limits.silence):  # there are thousands of messages: anyio's costs more
                message = await receive()
        except TimeoutError as error:
            detail = f"nothing of the body arrived for {limits.silence:g} s"
            raise BodyRefused(detail, code="request_too_slow") from error
        if message["type"] != "http.request":
            raise BodyRefused("the body broke off, or its encoding is wrong", code="body_incomplete")
        size += len(message["body"])
        complete = not message["more_body"]
        if complete:
            arrived()
            return message
        seconds = anyio.current_time() - began
        if seconds > limits.slow_after and size < seconds * limits.rate:
            raise BodyRefused(f"the body arrives with less than {limits.rate} bytes/s", code="request_too_slow")
        return message

    return paced_receive


def _patient(send: Send, limits: Limits) -> Send:
    """Return a channel that gives up a client that reads no further."""

    async def patient_send(message: Message) -> None:
        if message["type"] != "http.response.body" or not message.get("more_body", False):
            await send(message)
            return
        with anyio.move_on_after(limits.reading) as patience:
            await send(message)
        if patience.cancelled_caught:
            raise BodyRefused(f"the client read nothing for {limits.reading:g} s", code="request_too_slow")

    return patient_send
