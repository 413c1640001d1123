# ruff: noqa: ASYNC240 - the files are a few bytes in a temporary folder
"""A studio whose ears, voice, band and desk are instant; its transfers are plain files behind `memory://` names."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio

from application.ports.mastering import MasterReport
from application.ports.moments_api import MomentRefused
from application.ports.performers import StemReport
from application.ports.transcriber import Transcription
from application.ports.transfers import TransferFailed
from domain.errors import BadAudio
from domain.music.model import HummedNote, Score

TRANSCRIPTION = Transcription(
    duration=4.0,
    notes=tuple(
        HummedNote(onset=0.1 + 0.5 * index, duration=0.45, pitch=pitch, loudness=0.8)
        for index, pitch in enumerate((60.0, 62.0, 64.0, 65.0, 67.0, 64.0, 60.0))
    ),
)
"""Seven notes of C major."""


def sleep_in_a_child(started: Path) -> None:
    """Write this process's id and work for a minute."""
    started.write_text(str(os.getpid()))
    time.sleep(60)


class FakeTransfers:
    """Port `Transfers` over a dictionary of URLs."""

    def __init__(self, output_dir: Path, files: dict[str, bytes] | None = None) -> None:
        self.files = files if files is not None else {}
        self.mime_types: dict[str, str] = {}
        self.workspaces: list[Path] = []
        self._output_dir = output_dir

    @asynccontextmanager
    async def workspace(self) -> AsyncIterator[Path]:
        folder = Path(tempfile.mkdtemp(dir=self._output_dir))
        self.workspaces.append(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder)

    async def download(self, url: str, out: Path, max_bytes: int) -> None:
        if url not in self.files:
            raise TransferFailed(f"{url}: answered 404")
        if len(self.files[url]) > max_bytes:
            raise BadAudio("too large", code="file_too_large")
        out.write_bytes(self.files[url])

    async def upload(self, path: Path, url: str, mime_type: str) -> str:
        self.files[url] = path.read_bytes()
        self.mime_types[url] = mime_type
        return hashlib.sha256(self.files[url]).hexdigest()

    async def keep(self, path: Path) -> Path:
        kept = self._output_dir / f"kept{path.suffix}"
        shutil.move(path, kept)
        return kept


class FakeEars:
    """Port `Transcriber`: hears seven notes in anything, nothing in silence; may be told to listen for ever.

    Attributes:
        work: What it does before it hears.
    """

    def __init__(self) -> None:
        self.work: Callable[[], Awaitable[None]] | None = None
        self.listening = anyio.Event()
        self.gave_up = anyio.Event()
        self.endless = False
        self.calls = 0

    async def transcribe(self, recording: Path) -> Transcription:
        self.calls += 1
        self.listening.set()
        if self.endless:
            try:
                await anyio.sleep_forever()
            finally:
                self.gave_up.set()
        if self.work is not None:
            await self.work()
        if recording.read_bytes() == b"silence":
            raise BadAudio("nothing can be heard", code="hum_silent")
        return TRANSCRIPTION


class FakeVoice:
    """Port `Singer`."""

    async def sing(self, recording: Path, score: Score, out: Path) -> StemReport:
        out.write_bytes(b"sung from " + recording.read_bytes())
        return StemReport(duration=score.duration, peak_dbfs=-3.0, rendered_notes=7)


class FakeBand:
    """Port `Band`."""

    def __init__(self) -> None:
        self.scores: list[Score] = []

    async def play(self, score: Score, out: Path) -> StemReport:
        self.scores.append(score)
        out.write_bytes(b"played")
        return StemReport(duration=score.duration, peak_dbfs=float("-inf"), rendered_notes=0)

    async def notate(self, score: Score, out: Path) -> None:
        out.write_bytes(b"MThd")


class FakeDesk:
    """Port `MasteringDesk`: the finished file says what went into it."""

    async def master(self, vocals: Path | None, instrumental: Path, out: Path, output_format: str) -> MasterReport:
        sung = vocals.read_bytes() if vocals else b"nobody"
        out.write_bytes(b" + ".join([sung, instrumental.read_bytes(), output_format.encode()]))
        return MasterReport(duration=12.0, lufs=-14.0, true_peak_dbtp=-1.2, mime_type="audio/mpeg")


class FakeMoments:
    """Port `Moments`: answers the statuses that it was given, the last one for ever."""

    def __init__(self, *statuses: dict[str, Any]) -> None:
        self.statuses = list(statuses)
        self.submitted: list[tuple[bytes, str, str, str]] = []

    async def submit(self, recording: Path, *, filename: str, blueprint_json: str, output_kind: str) -> str:
        content = recording.read_bytes()
        if not content:
            raise MomentRefused("the file is empty", code="empty_upload")
        self.submitted.append((content, filename, blueprint_json, output_kind))
        return "job-1"

    async def status(self, job_id: str) -> dict[str, Any]:
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
