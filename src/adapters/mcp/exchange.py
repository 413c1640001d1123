"""One JSON-RPC exchange over streamable HTTP: a POST, answered as JSON or as server-sent events.

Source: Model Context Protocol, "Transports", 2025-03-26 to 2026-07-28.
"""

from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any, Final

import aiohttp
import anyio
import msgspec

from adapters.mcp import redirects
from adapters.mcp.event_stream import EVENT_STREAM, Event, EventReader
from application.ports.tools import ToolsLost, ToolsUnavailable

Message = dict[str, Any]
MessageHandler = Callable[[Message], Awaitable[None]]
"""Called with every message that precedes the response: notifications, and the server's own requests."""

RESUMPTIONS: Final = 3
"""How often a stream that ended early is resumed before the call fails."""
DRAIN_SECONDS: Final = 0.02
"""How long to wait for the end of a stream after the response: only what was read to its end is reused."""


NOT_BEGUN: Final = (aiohttp.ClientConnectorError, aiohttp.ClientResponseError, aiohttp.InvalidURL, TimeoutError)
"""Errors that say nothing about what the server did with the request."""


class Answer(msgspec.Struct, frozen=True):
    """An HTTP response.

    Attributes:
        session_id: Empty unless the server started a session.
        message: The response to our request, if it is there.
        retry_after: The header `Retry-After`, or empty.
    """

    status: int
    session_id: str
    message: Message | None
    retry_after: str = ""


class Exchange:
    """One request: sends it, passes what precedes the response to the handler, and returns the response."""

    def __init__(
        self, client: aiohttp.ClientSession, url: str, headers: dict[str, str], on_message: MessageHandler
    ) -> None:
        self._client = client
        self._url = url
        self._headers = headers
        self._on_message = on_message
        self._last = Event()

    async def post(self, message: Message) -> Answer:
        """Send a request, a notification or a reply.

        Raises:
            ToolsUnavailable: The server did not answer.
            ToolsLost: It closed the connection before it had answered.
        """
        headers = {**self._headers, "Content-Type": "application/json"}
        content = msgspec.json.encode(message)
        try:
            answer = first = await self._send("POST", headers, message.get("id"), content)
            if first.session_id:  # of `initialize`: to resume its stream takes the id of the new session
                self._headers = {**self._headers, "Mcp-Session-Id": first.session_id}
            for _ in range(RESUMPTIONS):
                if answer.message is not None or not self._last.id:
                    break
                answer = await self._resume(message.get("id"))
        except msgspec.DecodeError as error:
            raise ToolsUnavailable(f"the tool server returned an invalid response: {error}") from error
        except NOT_BEGUN as error:
            raise ToolsUnavailable(f"the tool server cannot be reached: {_described(error)}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise ToolsLost(f"the tool server closed the connection: {_described(error)}") from error
        return answer if answer is first else msgspec.structs.replace(answer, session_id=first.session_id)

    async def _resume(self, request_id: Any) -> Answer:
        await anyio.sleep(self._last.retry)
        headers = {**self._headers, "Accept": EVENT_STREAM, "Last-Event-ID": self._last.id}
        return await self._send("GET", headers, request_id)

    async def _send(self, method: str, headers: dict[str, str], request_id: Any, content: bytes = b"") -> Answer:
        url = self._url
        for _ in range(redirects.MOST + 1):
            body = aiohttp.BytesPayload(content) if content else None  # saves aiohttp the search for a payload class
            sending = self._client.request(method, url, headers=headers, data=body, allow_redirects=False)
            async with sending as response:  # leaving it early closes the connection, which cancels the call
                if (target := redirects.target_of(response, url)) is None:
                    return await self._answer(response, request_id)
            url = target
        raise ToolsUnavailable("the tool server redirects without end")

    async def _answer(self, response: aiohttp.ClientResponse, request_id: Any) -> Answer:
        message = await self._read(response, request_id)
        fields = response.headers
        return Answer(response.status, fields.get("mcp-session-id", ""), message, fields.get("retry-after", ""))

    async def _read(self, response: aiohttp.ClientResponse, request_id: Any) -> Message | None:
        if response.headers.get("content-type", "").startswith(EVENT_STREAM):
            return await self._read_events(response, request_id)
        body = await response.read()
        if not body.strip() or not response.headers.get("content-type", "").startswith("application/json"):
            return None
        document = msgspec.json.decode(body)
        return await self._sift(document if isinstance(document, list) else [document], request_id)

    async def _read_events(self, response: aiohttp.ClientResponse, request_id: Any) -> Message | None:
        reader = EventReader()
        chunks = response.content.iter_any()
        async for chunk in chunks:
            for event in reader.feed(chunk):
                self._last = event
                messages = [msgspec.json.decode("\n".join(event.data))] if any(event.data) else []
                if (found := await self._sift(messages, request_id)) is not None:
                    await _drain(chunks)
                    return found
        return None

    async def _sift(self, messages: list[Any], request_id: Any) -> Message | None:
        """Return the response to our request; pass the rest to the handler. An error without an id counts as ours."""
        for message in messages:
            if not isinstance(message, dict):
                continue
            if "method" in message:
                await self._on_message(message)
            elif message.get("id") == request_id or ("error" in message and message.get("id") is None):
                return message
        return None


def _described(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()


async def _drain(chunks: AsyncIterable[bytes]) -> None:
    with anyio.move_on_after(DRAIN_SECONDS):
        async for _ in chunks:
            pass
