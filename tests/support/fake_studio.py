# ruff: noqa: ASYNC240 - the files are a few bytes in a temporary folder
"""Fakes of the studio's ports: instant, over plain files and a dictionary of `memory://` URLs."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from html import escape
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio

from application.ports.mastering import MasterReport, MixPlan, StemUnreadable, UnknownOutputFormat, WaveformPicture
from application.ports.moments_api import MomentRefused
from application.ports.performers import NO_PARTS, MelodyPicture, SoundFontMissing, StemReport
from application.ports.speech import Speech, Wording
from application.ports.transcriber import Transcription
from application.ports.transfers import TransferFailed
from domain.errors import BadAudio
from domain.jobs.output_formats import MEDIA_TYPES, OutputFormat
from domain.music.hum import HummedNote
from domain.music.lyrics.alignment import Phone, SpokenLine
from domain.music.score import PartGroup, Score
from tests.support.fake_faults import Faults, faulty

TRANSCRIPTION = Transcription(
    duration=4.0,
    notes=tuple(
        HummedNote(onset=0.1 + 0.5 * index, duration=0.45, pitch=pitch, loudness=0.8)
        for index, pitch in enumerate((60.0, 62.0, 64.0, 65.0, 67.0, 64.0, 60.0))
    ),
)
"""Seven notes of C major."""


def sleep_in_a_child(started: Path) -> None:
    """Write this process's id, then sleep for a minute."""
    started.write_text(str(os.getpid()))
    time.sleep(60)


SILENCE = b"silence"
NOT_AUDIO = b"not audio"
"""Recordings that the fakes reject; they take any other bytes for a hum."""

_MIME_TYPES = {"mp3": "audio/mpeg", "opus": "audio/ogg", "flac": "audio/flac", "wav": "audio/wav"}


class FakeTransfers:
    """Port `Transfers` over a dictionary of URLs.

    Attributes:
        files: Content by URL.
        mime_types: The media types of what was uploaded.
        workspaces: Every workspace that was opened.
    """

    def __init__(self, output_dir: Path, files: dict[str, bytes] | None = None) -> None:
        self.files = files if files is not None else {}
        self.mime_types: dict[str, str] = {}
        self.workspaces: list[Path] = []
        self.faults = Faults()
        self._output_dir = output_dir

    @asynccontextmanager
    async def workspace(self) -> AsyncIterator[Path]:
        folder = Path(tempfile.mkdtemp(dir=self._output_dir))
        self.workspaces.append(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder)

    @faulty
    async def download(self, url: str, out: Path, max_bytes: int) -> None:
        if url not in self.files:
            raise TransferFailed(f"{url}: the server returned 404")
        if len(self.files[url]) > max_bytes:
            raise BadAudio("too large", code="file_too_large")
        out.write_bytes(self.files[url])

    @faulty
    async def upload(self, path: Path, url: str, mime_type: str) -> str:
        self.files[url] = path.read_bytes()
        self.mime_types[url] = mime_type
        return hashlib.sha256(self.files[url]).hexdigest()

    @faulty
    async def keep(self, path: Path) -> Path:
        kept = self._output_dir / f"{uuid4().hex}{path.suffix}"
        shutil.move(path, kept)
        return kept


class FakeTranscriber:
    """Port `Transcriber`: returns seven notes for any recording but silence and what is not audio.

    Attributes:
        called: Set once a call has begun.
        cancelled: Set once a call was cancelled while it hung.
        hangs: Whether calls hang until they are cancelled.
    """

    def __init__(self) -> None:
        self.faults = Faults()
        self.called = anyio.Event()
        self.cancelled = anyio.Event()
        self.hangs = False

    @faulty
    async def transcribe(self, recording: Path) -> Transcription:
        self.called.set()
        if self.hangs:
            try:
                await anyio.sleep_forever()
            finally:
                self.cancelled.set()
        _require_audio(recording)
        if recording.read_bytes() == SILENCE:
            raise BadAudio("the recording is silent", code="hum_silent")
        return TRANSCRIPTION


class FakeSinger:
    """Port `Singer`: the stem is made of recording and words, the picture of the number of notes."""

    def __init__(self) -> None:
        self.faults = Faults()

    @faulty
    async def sing(
        self,
        recording: Path,
        score: Score,
        out: Path,
        *,
        speech: Speech | None = None,
        picture: MelodyPicture | None = None,
    ) -> StemReport:
        _require_audio(recording)
        if picture:
            picture.out.write_bytes(f"<svg>{len(picture.analysis.notes)}</svg>".encode())
        words = b" with " + speech.file.read_bytes() if speech else b""
        out.write_bytes(b"sung from " + recording.read_bytes() + words)
        return _report(score, sum(len(line.notes) for line in score.vocals))


class FakeSpeaker:
    """Port `Speaker`: each word is a consonant and a vowel of a tenth of a second each, and sounds like its letters.

    Attributes:
        wordings: What was to be said in each call.
    """

    def __init__(self) -> None:
        self.faults = Faults()
        self.wordings: list[tuple[Wording, ...]] = []

    @faulty
    async def speak(self, wordings: Sequence[Wording], out: Path) -> Speech:
        self.wordings.append(tuple(wordings))
        said, lines = b"", list[SpokenLine]()
        for wording in wordings:
            begin = len(said) / 2
            said += b"".join(f"{word[:1]}a".encode().ljust(4)[:4] for word in wording.words)
            sounds = [(index, symbol) for index in range(len(wording.words)) for symbol in ("t", "a")]
            phones = [Phone(symbol, begin / 10 + place / 10, index) for place, (index, symbol) in enumerate(sounds)]
            lines.append(SpokenLine(tuple(phones), len(said) / 20))
        out.write_bytes(said)
        return Speech(out, 10, tuple(lines))


class FakeBand:
    """Port `Band`: its stems are silent.

    Attributes:
        scores: Every score that was played.
        soundfont: SHA-256 of the SoundFont that it has, or empty.
        played_with: That with which each score was played.
    """

    def __init__(self, soundfont: str = "") -> None:
        self.faults = Faults()
        self.scores: list[Score] = []
        self.soundfont = soundfont
        self.played_with: list[str] = []

    def require(self, soundfont: str) -> None:
        if soundfont not in {"", self.soundfont}:
            raise SoundFontMissing(soundfont)

    @faulty
    async def play(
        self, score: Score, out: Path, parts: Mapping[PartGroup, Path] = NO_PARTS, *, soundfont: str = ""
    ) -> StemReport:
        self.require(soundfont)
        self.scores.append(score)
        self.played_with.append(soundfont)
        out.write_bytes(b"played")
        for group in set(parts) & set(score.groups):
            parts[group].write_bytes(f"played {group}".encode())
        return _report(score, sum(len(part.notes) for part in score.parts), peak_dbfs=float("-inf"))

    @faulty
    async def notate(self, score: Score, midi: Path, lead_sheet: Path) -> None:
        midi.write_bytes(b"MThd")
        lead_sheet.write_bytes(b"<score-partwise/>")


class FakeMasteringDesk:
    """Port `MasteringDesk`: the file is made of the bytes of the stems and the format, a picture of its title."""

    def __init__(self) -> None:
        self.faults = Faults()

    @faulty
    async def master(
        self,
        vocals: Path | None,
        instrumental: Path,
        out: Path,
        output_format: OutputFormat,
        plan: MixPlan | None = None,
        *,
        picture: WaveformPicture | None = None,
    ) -> MasterReport:
        mime_type = _MIME_TYPES.get(output_format.partition("_")[0])
        if mime_type is None:
            raise UnknownOutputFormat(f"{output_format!r} is not supported")
        for stem in filter(None, (vocals, instrumental)):
            if not stem.exists() or stem.read_bytes() == NOT_AUDIO:
                raise StemUnreadable("a stem could not be read")
        sung = vocals.read_bytes() if vocals else b"nobody"
        out.write_bytes(b" + ".join([sung, instrumental.read_bytes(), output_format.encode()]))
        if picture:
            picture.out.write_bytes(f"<svg>{escape(picture.title)}</svg>".encode())
        return MasterReport(duration=12.0, lufs=-14.0, true_peak_dbtp=-1.2, mime_type=mime_type)

    @faulty
    async def encode(self, stem: Path, out: Path, output_format: OutputFormat) -> float:
        if output_format not in MEDIA_TYPES:
            raise UnknownOutputFormat(f"{output_format!r} is not supported")
        if stem.read_bytes() == NOT_AUDIO:
            raise StemUnreadable("a stem could not be read")
        out.write_bytes(stem.read_bytes() + b" as " + output_format.encode())
        return 12.0


class FakeMoments:
    """Port `Moments`: returns the given statuses in turn, the last one from then on.

    Attributes:
        submitted: Content, filename, blueprint and output kind of every recording.
        fields: All fields of each that are not empty.
        keys: The key that came with each request.
        accepted: Keys that are known.
    """

    def __init__(self, *statuses: dict[str, Any]) -> None:
        self.faults = Faults()
        self.statuses = list(statuses)
        self.submitted: list[tuple[bytes, str, str, str]] = []
        self.fields: list[dict[str, str]] = []
        self.keys: list[str] = []
        self.accepted: set[str] = set()

    @faulty
    async def accepts(self, key: str) -> bool:
        return key in self.accepted

    @faulty
    async def submit(
        self,
        recording: Path,
        *,
        filename: str,
        fields: Mapping[str, str],
        key: str = "",
    ) -> str:
        self.keys.append(key)
        if not recording.exists():
            raise MomentRefused("the recording could not be read", code="file_unreadable")
        content = recording.read_bytes()
        if not content:
            raise MomentRefused("the file is empty", code="empty_upload")
        self.submitted.append((content, filename, fields.get("blueprint_json", ""), fields.get("output_kind", "")))
        self.fields.append({name: text for name, text in fields.items() if text})
        return "job-1"

    @faulty
    async def status(self, job_id: str, key: str = "") -> dict[str, Any]:
        self.keys.append(key)
        if job_id != "job-1":
            raise MomentRefused(f"there is no job {job_id}", code="job_not_found")
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


def _require_audio(recording: Path) -> None:
    if recording.read_bytes() == NOT_AUDIO:
        raise BadAudio("unsupported audio format, or not an audio file", code="not_audio")


def _report(score: Score, notes: int, peak_dbfs: float = -3.0) -> StemReport:
    return StemReport(duration=score.duration + score.tail, peak_dbfs=peak_dbfs, rendered_notes=notes)
