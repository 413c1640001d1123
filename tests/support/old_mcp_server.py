"""An MCP server of the older kind, by hand: four tools, sessions, event streams, nothing that the SDK would add.

It refuses arguments that it does not know, protocol revisions after 2025-06-18, and requests without its session.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from domain.blueprints.validation import parse
from domain.errors import InvalidBlueprint
from tests.support.serving import serving

REVISIONS = ("2024-11-05", "2025-06-18")

VOICE_ARGUMENTS = ["voice_id", "model_id", "stability", "similarity_boost", "style_exaggeration", "speaker_boost"]
SONG_ARGUMENTS = ["prompt", "model_id", "music_length_ms", "force_instrumental", "output_format"]
MOMENT_ARGUMENTS = ["audio_url", "audio_path", "filename", "blueprint_json", "output_kind"]
ARGUMENTS = {
    "validate_blueprint": ["blueprint"],
    "synthesize_preview": ["text", "blueprint", *VOICE_ARGUMENTS],
    "create_song": ["blueprint", *SONG_ARGUMENTS],
    "create_moment": [*MOMENT_ARGUMENTS, "poll_interval_ms", "timeout_ms"],
}
AUDIO = (b"\xff\xfb\x90\x64" + bytes(413)) * 8
"""Silence as MP3: eight frames of 128 kbit/s at 44.1 kHz."""

PAID = ("synthesize_preview", "create_song")
"""The tools whose provider takes money."""

PAID_SECONDS = 0.01
"""How long they take."""


class OldMcpServer:
    """The server's state and manners; a test may change them while it runs.

    Attributes:
        revision: The newest protocol revision that it speaks.
        leaves_open: Whether its event streams stay open after the response.
        breaks_off: Whether its event streams end before the response, which is then fetched by `Last-Event-ID`.
        forgets: Whether the next tool call loses its stream and its session, as when the server restarts under it.
        describes: Whether the listing names the arguments of its tools.
        links: Whether it returns a URL with each result, and declares so; without it, there is only the path.
        tells_output: Whether its tools declare what they return.
        refusal: What its provider answers instead of music, with an HTTP status, if anything.
        refuses: The tools whose provider answers so.
        at_once: How many calls that cost money were under way when each of them began.
        asks_ping: Whether it sends a `ping` of its own before every response.
        sessions: The sessions that it knows; clearing them is a restart.
        received: Method and params of everything that came, in order.
        arguments: What each tool call carried, in order.
        replies: What clients replied to its own requests.
        base_url: Where its files are fetched; set when it runs.
    """

    def __init__(self, folder: Path, *, revision: str = "2025-06-18", token: str = "") -> None:
        self.folder = folder
        self.revision = revision
        self.token = token
        self.leaves_open = False
        self.breaks_off = False
        self.forgets = False
        self.describes = True
        self.asks_ping = False
        self.links = True
        self.tells_output = True
        self.refusal: dict[str, Any] | None = None
        self.refuses = set(PAID)
        self.at_once: list[int] = []
        self._under_way = 0
        self._unsent: dict[str, dict[str, Any]] = {}
        self.sessions: set[str] = set()
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.arguments: list[tuple[str, dict[str, Any]]] = []
        self.replies: list[dict[str, Any]] = []
        self.base_url = ""

    def app(self) -> Starlette:
        """Return the application."""
        routes = [
            Route("/mcp", self._post, methods=["POST"]),
            Route("/mcp", self._resume, methods=["GET"]),
            Route("/mcp", self._delete, methods=["DELETE"]),
            Mount("/files", StaticFiles(directory=self.folder)),
        ]
        return Starlette(routes=routes)

    async def _post(self, request: Request) -> Response:
        if self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            return JSONResponse({"error": "unauthorized"}, 401)
        if request.headers.get("mcp-protocol-version", self.revision) not in REVISIONS:
            return Response("unsupported protocol version", 400)
        message = await request.json()
        session = request.headers.get("mcp-session-id")
        if message.get("method") != "initialize" and session not in self.sessions:
            return JSONResponse(_error(None, -32000, "no valid session"), 400 if session is None else 404)
        if "method" not in message:
            self.replies.append(message)
            return Response(status_code=202)
        self.received.append((message["method"], message.get("params", {})))
        if "id" not in message:
            return Response(status_code=202)
        return self._stream(message, session or self._new_session())

    async def _resume(self, request: Request) -> Response:
        session = request.headers.get("mcp-session-id")
        if session not in self.sessions:
            return JSONResponse(_error(None, -32000, "no valid session"), 400 if session is None else 404)
        unsent = self._unsent.pop(request.headers["last-event-id"])
        return Response(_event(unsent), media_type="text/event-stream")

    async def _delete(self, request: Request) -> Response:
        self.sessions.discard(request.headers.get("mcp-session-id", ""))
        return Response(status_code=200)

    def _new_session(self) -> str:
        session = uuid4().hex
        self.sessions.add(session)
        return session

    def _stream(self, message: dict[str, Any], session: str) -> Response:
        async def events() -> AsyncIterator[str]:
            yield ": the older kind\r\n\r\n"
            if self.asks_ping:
                yield _event({"jsonrpc": "2.0", "id": "ours-1", "method": "ping"})
            if self.forgets and message["method"] == "tools/call":
                self.forgets = False
                self.sessions.clear()
                yield f"id: {uuid4().hex}\r\nretry: 10\r\ndata:\r\n\r\n"
                return
            if self.breaks_off:
                self._unsent[event_id := uuid4().hex] = self._respond(message)
                yield f"id: {event_id}\r\nretry: 10\r\ndata:\r\n\r\n"
                return
            if message.get("params", {}).get("name") in PAID:
                self._under_way += 1
                self.at_once.append(self._under_way)
                await anyio.sleep(PAID_SECONDS)
                self._under_way -= 1
            yield _event(self._respond(message))
            if self.leaves_open:
                await anyio.sleep_forever()

        return StreamingResponse(events(), media_type="text/event-stream", headers={"mcp-session-id": session})

    def _respond(self, message: dict[str, Any]) -> dict[str, Any]:
        params = message.get("params", {})
        match message["method"]:
            case "initialize":
                info = {"name": "old-music-tools", "version": "1"}
                result = {"protocolVersion": self.revision, "capabilities": {"tools": {}}, "serverInfo": info}
            case "tools/list":
                return _result(message["id"], self._page(params.get("cursor")))
            case "tools/call":
                result = self._call(params["name"], params.get("arguments", {}))
            case method:
                return _error(message["id"], -32601, f"no method {method}")
        return _result(message["id"], result)

    def _page(self, cursor: str | None) -> dict[str, Any]:
        """Two tools a page, so that clients must turn pages."""
        names = list(ARGUMENTS)
        start = int(cursor or 0)
        page: dict[str, Any] = {"tools": [self._described(name) for name in names[start : start + 2]]}
        return page | ({"nextCursor": str(start + 2)} if start + 2 < len(names) else {})

    def _described(self, name: str) -> dict[str, Any]:
        properties: dict[str, Any] = {argument: {} for argument in ARGUMENTS[name]}
        closed = {"properties": properties, "additionalProperties": False} if self.describes else {}
        tool = {"name": name, "description": name, "inputSchema": {"type": "object", **closed}}
        returned = ["output_path", "bytes", "mime_type", *(["output_url"] if self.links else [])]
        output = {"type": "object", "properties": {field: {} for field in returned}}
        return tool | ({"outputSchema": output} if name in PAID and self.tells_output else {})

    def _call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.arguments.append((name, arguments))
        if unknown := set(arguments) - set(ARGUMENTS[name]):
            return _tool_error(f"unknown arguments: {', '.join(sorted(unknown))}")
        if name == "validate_blueprint":
            return _structured(_validation(arguments["blueprint"]))
        if name == "create_moment":
            return _tool_error("no moments here")
        if self.refusal is not None and name in self.refuses:
            return {**_tool_error(str(self.refusal.get("message"))), "structuredContent": {"ok": False, **self.refusal}}
        return _structured(self._synthesize(name, arguments))

    def paid(self) -> list[str]:
        """Return the tools that were called and cost money, in order."""
        return [name for name, _ in self.arguments if name in PAID]

    def _synthesize(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        file = f"{uuid4().hex}.mp3"
        (self.folder / file).write_bytes(AUDIO)
        common = {
            "ok": True,
            "output_path": str(self.folder / file),
            "bytes": len(AUDIO),
            "mime_type": "audio/mpeg",
        }
        common |= {"output_url": f"{self.base_url}/files/{file}"} if self.links else {}
        if name == "create_song":
            length = arguments.get("music_length_ms", 30_000)
            return {**common, "output_kind": "song", "music_length_ms": length, "prompt_used": "as planned"}
        return {**common, "output_kind": "preview", "voice_id": "old", "model_id": "old"}


@asynccontextmanager
async def old_mcp_server(folder: Path, *, revision: str = "2025-06-18", token: str = "") -> AsyncIterator[OldMcpServer]:
    """Run the server while the block lasts; its endpoint is `base_url` + `/mcp`."""
    server = OldMcpServer(folder, revision=revision, token=token)
    async with serving(server.app()) as server.base_url:
        yield server


def _validation(document: Any) -> dict[str, Any]:
    try:
        parse(document)
    except InvalidBlueprint as error:
        errors = [f"{problem.pointer}: {problem.message}" for problem in error.problems]
        return {"ok": False, "errors": errors, "schema_path": "/schemas/blueprint.json"}
    return {"ok": True, "errors": [], "schema_path": "/schemas/blueprint.json"}


def _structured(document: dict[str, Any]) -> dict[str, Any]:
    """The result as 2024-11-05 has it: JSON in a text; structured content came in 2025-06-18."""
    return {"content": [{"type": "text", "text": json.dumps(document)}], "isError": False}


def _tool_error(message: str) -> dict[str, Any]:
    document = {"ok": False, "message": message}
    return {"content": [{"type": "text", "text": message}], "structuredContent": document, "isError": True}


def _result(request_id: Any, result: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, "result": result}


def _error(request_id: Any, code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, "error": {"code": code, "message": message}}


def _event(message: dict[str, Any]) -> str:
    return f"event: message\r\ndata: {json.dumps(message)}\r\n\r\n"
