"""The music tools of the chaos tests as a process: six quick tools over real MCP, with a log of their calls.

A tool's result names its inputs, so that a finished file proves that no inputs were mixed up.
"""

import hashlib
import os
import random
import re
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import anyio
import httpx
import msgspec
from starlette.types import Scope

from adapters.mcp.server_profile import OUR_NAME
from application.ports.tools import ToolFailed
from application.ports.transfers import TransferFailed, TransferInterrupted
from domain.error_codes import foreign
from entrypoints.music_tools.server import StudioServer, streamable_http
from tests.support.chaos_process import run, serve_until_signalled
from tests.support.fake_tools import ANALYSIS
from tests.support.faulty_app import FaultyApp

DOOM: Final = "doom:"
"""Prefix of lyrics that name the tool which rejects the job permanently."""
POISON: Final = "poison:"
"""Prefix of lyrics that name the tool which the job kills, with the whole server."""
DOOMED: Final = "planned_refusal"
TRANSFER_SECONDS: Final = 1.0
MAX_CALL_SECONDS: Final = 0.12
GATE_POLL_SECONDS: Final = 0.02

_PLACE: Final = re.compile(r"/([0-9a-f-]{36})/(\d+)?")

Document = dict[str, Any]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the call log.

    Attributes:
        what: `called`, `answered`, `failed` or `cancelled`.
        token: The fencing token of the calling claim, 0 where the call does not contain it.
        at: Seconds since the epoch.
    """

    what: str
    tool: str
    job: str
    token: int
    at: float


def expected_file(hum: bytes, job: str) -> bytes:
    """Return the finished file that is expected of a hum."""
    return b"ID3 " + _stem_of(hum, job, "vocals") + b" + " + _stem_of(hum, job, "instrumental")


def _stem_of(hum: bytes, job: str, stem: str) -> bytes:
    made = hashlib.sha256(hum).hexdigest() if stem == "vocals" else job
    return f"fLaC {stem} of {made}".encode()


class Studio:
    """What the tools do.

    Args:
        folder: Holds the log `calls.jsonl`; while it has a file `hold.<tool>`, calls of the tool wait.
        http: For signed URLs.
        chance: Draws the duration of calls.
    """

    def __init__(self, folder: Path, http: httpx.AsyncClient, chance: random.Random) -> None:
        self._folder = folder
        self._http = http
        self._chance = chance
        self._call_log = (folder / "calls.jsonl").open("ab", buffering=0)

    async def validate_blueprint(self, blueprint: Document) -> Document:
        async with self._call("validate_blueprint", blueprint["id"], 0, blueprint["lyrics"]):
            return {"ok": True, "errors": [], "schema_path": "/"}

    async def analyze_hum(self, audio_url: str, hints: Document) -> Document:
        async with self._call("analyze_hum", *_job_and_token(audio_url), hints.get("lyrics", "")):
            await self._get(audio_url)
            return {"ok": True, "analysis": msgspec.to_builtins(ANALYSIS)}

    async def render(self, stem: str, blueprint: Document, uploads: dict[str, str], audio_url: str = "") -> Document:
        job, token = _job_and_token(uploads["audio"])
        async with self._call(f"render_{stem}", job, token, blueprint["lyrics"]):
            content = _stem_of(await self._get(audio_url) if audio_url else b"", job, stem)
            extras = {name: b"MThd" for name in uploads if name != "audio"}
            for name, extra in extras.items():
                await self._put(uploads[name], extra, "audio/midi")
            made = await self._put(uploads["audio"], content, "audio/flac")
            return {**made, "extras": {name: len(extra) for name, extra in extras.items()}}

    async def mix(self, tool: str, blueprint: Document, stems: Document, upload_url: str) -> Document:
        async with self._call(tool, *_job_and_token(upload_url), blueprint["lyrics"]):
            vocals = await self._get(stems["vocals_url"])
            instrumental = await self._get(stems["instrumental_url"])
            return await self._put(upload_url, b"ID3 " + vocals + b" + " + instrumental, "audio/mpeg")

    @asynccontextmanager
    async def _call(self, tool: str, job: str, token: int, lyrics: str) -> AsyncIterator[None]:
        end = "cancelled"
        self._write("called", tool, job, token)
        try:
            while (self._folder / f"hold.{tool}").exists():
                await anyio.sleep(GATE_POLL_SECONDS)
            await anyio.sleep(self._chance.uniform(0, MAX_CALL_SECONDS))
            _reject_if_doomed(tool, lyrics)
            yield
            end = "answered"
        except Exception:
            end = "failed"
            raise
        finally:
            self._write(end, tool, job, token)

    def _write(self, what: str, tool: str, job: str, token: int) -> None:
        call = Call(what=what, tool=tool, job=job, token=token, at=time.time())
        self._call_log.write(msgspec.json.encode(call) + b"\n")

    async def _get(self, url: str) -> bytes:
        with _translated():
            return (await self._http.get(url)).raise_for_status().content

    async def _put(self, url: str, content: bytes, mime_type: str) -> Document:
        with _translated():
            (await self._http.put(url, content=content, headers={"Content-Type": mime_type})).raise_for_status()
        sha256 = hashlib.sha256(content).hexdigest()
        return {"ok": True, "uploaded": True, "mime_type": mime_type, "bytes": len(content), "sha256": sha256}


def server_of(studio: Studio, variant: str = "") -> StudioServer:
    """Return a server that offers the studio, or what a slip makes of it.

    Args:
        variant: `without:{tool}`, or `skewed`: previews need an argument that no worker sends.
    """
    server = StudioServer(OUR_NAME, log_level="ERROR")

    @server.tool()
    async def validate_blueprint(blueprint: Document) -> Document:
        return await studio.validate_blueprint(blueprint)

    @server.tool()
    async def analyze_hum(audio_url: str, hints: Document | None = None) -> Document:
        return await studio.analyze_hum(audio_url, hints or {})

    @server.tool()
    async def render_vocals(blueprint: Document, audio_url: str, upload_url: str) -> Document:
        return await studio.render("vocals", blueprint, {"audio": upload_url}, audio_url)

    @server.tool()
    async def render_instrumental(blueprint: Document, upload_url: str, melody_upload_url: str) -> Document:
        return await studio.render("instrumental", blueprint, {"audio": upload_url, "melody": melody_upload_url})

    _add_preview(server, studio, skewed=variant == "skewed")

    @server.tool()
    async def create_song(blueprint: Document, stems: Document, upload_url: str) -> Document:
        return await studio.mix("create_song", blueprint, stems, upload_url)

    if variant.startswith("without:"):
        server.remove_tool(variant.removeprefix("without:"))
    return server


@contextmanager
def _translated() -> Iterator[None]:
    """Translate the errors of a transfer as our own tools do."""
    try:
        yield
    except httpx.HTTPStatusError as error:
        kind = TransferInterrupted if error.response.is_server_error else TransferFailed
        raise kind(repr(error)) from error
    except httpx.HTTPError as error:
        raise TransferInterrupted(repr(error)) from error


def _add_preview(server: StudioServer, studio: Studio, *, skewed: bool) -> None:
    async def preview(blueprint: Document, stems: Document, upload_url: str) -> Document:
        return await studio.mix("synthesize_preview", blueprint, stems, upload_url)

    async def newer_preview(blueprint: Document, stems: Document, upload_url: str, mastering: str) -> Document:
        return await studio.mix("synthesize_preview", blueprint, stems, upload_url + mastering)

    server.add_tool(newer_preview if skewed else preview, name="synthesize_preview")


def _reject_if_doomed(tool: str, lyrics: str) -> None:
    if lyrics == POISON + tool:
        os.kill(os.getpid(), signal.SIGKILL)
    if lyrics == DOOM + tool:
        raise ToolFailed("a planned refusal", code=foreign(DOOMED), permanent=True)


def _job_and_token(url: str) -> tuple[str, int]:
    """Return the job, and the token of the claim if there is one, out of a signed URL."""
    found = _PLACE.search(url)
    if found is None:
        raise ToolFailed(f"{url} is no URL of ours", permanent=True)
    return found[1], int(found[2] or 0)


def _calls_a_tool(_: Scope, body: bytes) -> bool:
    return b'"tools/call"' in body


async def serve(folder: Path, port: int, rate: float, seed: str) -> None:
    """Serve until SIGTERM."""
    async with httpx.AsyncClient(timeout=TRANSFER_SECONDS, trust_env=False) as http:
        studio = Studio(folder, http, random.Random(f"pace {seed}"))  # noqa: S311 - a pace, not a secret
        app = streamable_http(
            server_of(studio, os.environ.get("CHAOS_VARIANT", "")),
            host="127.0.0.1",
            token=os.environ.get("CHAOS_TOKEN", ""),
            is_warm=lambda: True,
            json_response=True,
            stateless=True,
        )
        await serve_until_signalled(FaultyApp(app, rate, f"tools {seed}", _calls_a_tool), port)


if __name__ == "__main__":
    run(serve)
