"""One JSON-RPC exchange over streamable HTTP: a POST, answered as JSON or as server-sent events.

Source: Model Context Protocol, "Transports", 2025-03-26 to 2026-07-28; WHATWG HTML, "Server-sent events".
"""

from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any, Final

import aiohttp
import anyio
import msgspec

from application.ports.tools import ToolsUnavailable

Message = dict[str, Any]
Listener = Callable[[Message], Awaitable[None]]
"""Told every message that comes before the response: notifications and the server's own requests."""

EVENT_STREAM: Final = "text/event-stream"
RESUMPTIONS: Final = 3
"""How often a stream that ended early is taken up again before the call is given up."""
RESUME_DELAY: Final = 1.0
DRAIN_SECONDS: Final = 0.02
"""How long the end of a stream is waited for after the response; a connection read to its end is used again."""


class Answer(msgspec.Struct, frozen=True):
    """What came back: the HTTP status, the session that the server named, the response to our request if any."""

    status: int
    session_id: str
    message: Message | None


class Event(msgspec.Struct):
    """A server-sent event, or what is known of it so far."""

    data: list[str] = []
    id: str = ""
    retry: float = RESUME_DELAY


class EventReader:
    """Cuts a byte stream into events; only line feeds end lines, so U+2028 in a JSON string is safe."""

    def __init__(self) -> None:
        self._rest = b""
        self._event = Event()

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events that this chunk completes."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        complete = []
        for line in lines:
            if (text := line.removesuffix(b"\r")) == b"":
                complete.append(self._event)
                self._event = Event(id=self._event.id, retry=self._event.retry)
            else:
                self._take(text.decode(errors="replace"))
        return complete

    def _take(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._event.data = [*self._event.data, value]
        elif name == "id":
            self._event.id = value
        elif name == "retry" and value.isdecimal():
            self._event.retry = int(value) / 1000


class Exchange:
    """A request on its way: sends it, tells the listener what comes before the response, returns the response."""

    def __init__(self, client: aiohttp.ClientSession, url: str, headers: dict[str, str], listener: Listener) -> None:
        self._client = client
        self._url = url
        self._headers = headers
        self._listener = listener
        self._last = Event()

    async def post(self, message: Message) -> Answer:
        """Send a request, a notification or a reply.

        Raises:
            ToolsUnavailable: The server did not answer, or broke off.
        """
        headers = {**self._headers, "Content-Type": "application/json"}
        content = msgspec.json.encode(message)
        try:
            answer = first = await self._send("POST", headers, message.get("id"), content)
            if first.session_id:  # of the handshake: the rest of its stream belongs to the session that it opened
                self._headers = {**self._headers, "Mcp-Session-Id": first.session_id}
            for _ in range(RESUMPTIONS):
                if answer.message is not None or not self._last.id:
                    break
                answer = await self._resume(message.get("id"))
        except (aiohttp.ClientError, OSError, msgspec.DecodeError) as error:  # TimeoutError among them
            raise ToolsUnavailable(f"the tool server broke off: {type(error).__name__} {error}".strip()) from error
        return answer if answer is first else msgspec.structs.replace(answer, session_id=first.session_id)

    async def _resume(self, request_id: Any) -> Answer:
        await anyio.sleep(self._last.retry)
        headers = {**self._headers, "Accept": EVENT_STREAM, "Last-Event-ID": self._last.id}
        return await self._send("GET", headers, request_id)

    async def _send(self, method: str, headers: dict[str, str], request_id: Any, content: bytes = b"") -> Answer:
        body = aiohttp.BytesPayload(content) if content else None  # aiohttp would look for a fitting kind of payload
        sending = self._client.request(method, self._url, headers=headers, data=body, allow_redirects=False)
        async with sending as response:  # left before its end it closes the connection: the server hears that we went
            message = await self._read(response, request_id)
            return Answer(response.status, response.headers.get("mcp-session-id", ""), message)

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
        """Return the response to our request; tell the listener the rest. An error without an id is ours, too."""
        for message in messages:
            if not isinstance(message, dict):
                continue
            if "method" in message:
                await self._listener(message)
            elif message.get("id") == request_id or ("error" in message and message.get("id") is None):
                return message
        return None


async def _drain(chunks: AsyncIterable[bytes]) -> None:
    with anyio.move_on_after(DRAIN_SECONDS):
        async for _ in chunks:
            pass
