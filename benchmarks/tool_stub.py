"""`python -m benchmarks.tool_stub PORT FOLDER DELAY`: an MCP server whose tools are instant, or sleep.

It speaks streamable HTTP without sessions (MCP 2026-07-28) and offers the tools of a pipeline. A tool that is given an
`upload_url` leaves a small object in the folder that the object store reads, so that storage costs next to nothing.
"""

import asyncio
import errno
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copyfile
from typing import Any, Final, cast

import msgspec
import uvloop

from adapters.filesystem.drafts import Commits, FolderDraft
from adapters.filesystem.files import path_of
from application.objects.signed_objects import OBJECTS_PATH

REVISION: Final = "2026-07-28"
RENDER: Final = ("blueprint", "audio_url", "upload_url", "melody_upload_url")
ARGUMENTS: Final[dict[str, tuple[str, ...]]] = {
    "analyze_hum": ("audio_url", "hints"),
    "validate_blueprint": ("blueprint",),
    "render_vocals": RENDER,
    "render_instrumental": RENDER,
    "synthesize_preview": ("blueprint", "text", "stems", "upload_url"),
    "create_song": ("blueprint", "stems", "upload_url"),
}
SLOW: Final = frozenset({"render_vocals", "render_instrumental"})
"""The tools that sleep when told to; the others stay instant."""

ANALYSIS: Final = {
    "duration": 4.0,
    "tuning_cents": 0.0,
    "key": "C",
    "key_confidence": 0.9,
    "tempo_bpm": 96.0,
    "tempo_confidence": 0.8,
    "first_beat": 0.1,
    "notes": [{"onset": 0.5 * n, "duration": 0.45, "pitch": 60.0 + n, "loudness": 0.8} for n in range(7)],
}
HEARD: Final = msgspec.Raw(msgspec.json.encode({"ok": True, "analysis": ANALYSIS}))


class Arguments(msgspec.Struct, frozen=True):
    """What a tool heeds of its arguments."""

    upload_url: str = ""
    melody_upload_url: str = ""


class Params(msgspec.Struct, frozen=True):
    """What a call names."""

    name: str = ""
    arguments: Arguments = Arguments()


class Request(msgspec.Struct, frozen=True):
    """A JSON-RPC request; what else is in it is passed over, which costs less than to build it."""

    id: int
    method: str
    params: Params = Params()


class Tools:
    """The tools, and where their results go."""

    def __init__(self, folder: Path, delay: float, result: Path) -> None:
        self._folder = folder
        self._delay = delay
        self._result = result

    def is_slow(self, request: Request) -> bool:
        """Whether the answer takes time."""
        return bool(self._delay) and request.params.name in SLOW

    async def pause(self) -> None:
        """Take the time."""
        await asyncio.sleep(self._delay)

    def answer(self, request: Request) -> dict[str, Any]:
        """Return the result of a JSON-RPC request."""
        match request.method:
            case "server/discover":
                return {"supportedVersions": [REVISION], "capabilities": {"tools": {}}}
            case "tools/list":
                return {"tools": [_described(name) for name in ARGUMENTS]}
            case _:
                return {"content": [], "structuredContent": self._call(request.params.name, request.params.arguments)}

    def _call(self, name: str, arguments: Arguments) -> dict[str, Any] | msgspec.Raw:
        if name == "analyze_hum":
            return HEARD
        if name == "validate_blueprint":
            return {"ok": True, "errors": []}
        for url in filter(None, (arguments.upload_url, arguments.melody_upload_url)):
            self._store(url)
        extras = {"melody": 4} if arguments.melody_upload_url else {}
        return {"ok": True, "mime_type": "audio/flac", "bytes": 4, "uploaded": True, "extras": extras}

    def _store(self, url: str) -> None:
        """Put a result where it is wanted."""
        path = path_of(self._folder, url.partition(f"{OBJECTS_PATH}/")[2].partition("?")[0])
        with suppress(FileExistsError):
            try:
                self._link(path)
            except FileNotFoundError:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._link(path)

    def _link(self, path: Path) -> None:
        """Give a result one more name, which costs less than to write it."""
        try:
            os.link(self._result, path)
        except OSError as error:
            if error.errno != errno.EMLINK:  # ext4 gives a file 65,000 names
                raise
            self._result = copyfile(self._result, self._result.with_name(f"{self._result.name}+"))
            os.link(self._result, path)


_decoder: Final = msgspec.json.Decoder(Request)


class Http(asyncio.Protocol):
    """As much HTTP/1.1 as its two clients speak: POSTs with a length, answered in order."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._received = b""
        self._answering: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        self._received += data
        while (content := self._next()) is not None:
            request = _decoder.decode(content)
            if self._tools.is_slow(request):
                task = asyncio.ensure_future(self._answer_later(request))
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)
            else:
                self._answer(request)

    def _next(self) -> bytes | None:
        head, separator, rest = self._received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        if not separator or len(rest) < length:
            return None
        self._received = rest[length:]
        return rest[:length]

    async def _answer_later(self, request: Request) -> None:
        await self._tools.pause()
        self._answer(request)

    def _answer(self, request: Request) -> None:
        result = self._tools.answer(request)
        body = msgspec.json.encode({"jsonrpc": "2.0", "id": request.id, "result": result})
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
        self._transport.write(head + body)


def _described(name: str) -> dict[str, Any]:
    properties: dict[str, Any] = {argument: {} for argument in ARGUMENTS[name]}
    return {"name": name, "inputSchema": {"type": "object", "properties": properties}}


@contextmanager
def a_result(folder: Path) -> Iterator[Path]:
    """Give a small object as the store of files keeps it, on the same disk, while the block lasts."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        draft = FolderDraft(Path(place), "object", Commits())
        draft.append(b"fLaC")
        draft.commit("object", "audio/flac")
        yield Path(place) / "object"


async def main(port: int, folder: Path, delay: float) -> None:
    """Serve for ever."""
    with a_result(folder) as result:
        tools = Tools(folder, delay, result)
        server = await asyncio.get_running_loop().create_server(lambda: Http(tools), "127.0.0.1", port)
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])))
