"""The ports of the studio. Audio passes between them as files, so that no array ever reaches this layer."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

import msgspec

from domain.errors import MomentError
from domain.music.model import HummedNote, Score

Progress = Callable[[float], Awaitable[None]]
"""Told how far a use case is, 0..1, after each step."""


class TransferFailed(MomentError):
    """A signed URL could not be read or written."""

    code = "transfer_failed"


class MomentsUnavailable(MomentError):
    """The moments API did not answer."""

    code = "moments_unavailable"


class MomentRefused(MomentError):
    """The moments API refused a recording, or could not make a moment of it; `code` is its own."""

    code = "moment_refused"
    permanent = True


class Hearing(msgspec.Struct, frozen=True):
    """What was heard before any music theory.

    Attributes:
        duration: Seconds of the recording.
        notes: In order of onset, not overlapping; pitches as hummed.
    """

    duration: float
    notes: tuple[HummedNote, ...]


class StemReport(msgspec.Struct, frozen=True):
    """A stem that was written.

    Attributes:
        duration: Seconds.
        peak_dbfs: Sample peak.
        rendered_notes: How many notes were played or sung.
    """

    duration: float
    peak_dbfs: float
    rendered_notes: int


class MasterReport(msgspec.Struct, frozen=True):
    """A finished file, measured after decoding it again.

    Attributes:
        lufs: Integrated loudness, ITU-R BS.1770-4.
        true_peak_dbtp: True peak, four times oversampled.
    """

    duration: float
    lufs: float
    true_peak_dbtp: float
    mime_type: str


class Transcriber(Protocol):
    """Ears."""

    async def transcribe(self, recording: Path) -> Hearing:
        """Hear the notes of a recording in any format.

        Raises:
            BadAudio: `not_audio`, `audio_truncated`, `hum_too_short`, `hum_too_long`, `hum_silent` or
                `hum_without_pitch`.
        """


class Singer(Protocol):
    """The hummer's own voice, in tune and in time."""

    async def sing(self, recording: Path, score: Score, out: Path) -> StemReport:
        """Write the vocals stem: stereo FLAC, 44.1 kHz, `score.duration + score.tail` seconds long."""


class Band(Protocol):
    """The instruments."""

    async def play(self, score: Score, out: Path) -> StemReport:
        """Write the instrumental stem: stereo FLAC, 44.1 kHz, `score.duration + score.tail` seconds long."""

    async def notate(self, score: Score, out: Path) -> None:
        """Write the score as a Standard MIDI File, format 1: conductor track, lead first, then the other parts."""


class MasteringDesk(Protocol):
    """The last pair of ears."""

    async def master(self, vocals: Path | None, instrumental: Path, out: Path, output_format: str) -> MasterReport:
        """Mix the stems and write the finished file: stereo, −14 LUFS ± 0.5, ≤ −1 dBTP after decoding.

        `output_format` is `mp3_44100_128`, `mp3_44100_192`, `mp3_44100_320`, `opus_48000_128`, `flac_44100` or
        `wav_44100`.
        """


class Transfers(Protocol):
    """Moves audio between signed URLs and files. Raises `TransferFailed`."""

    def workspace(self) -> AbstractAsyncContextManager[Path]:
        """Give an empty folder, gone at the end of the block."""

    async def download(self, url: str, out: Path, max_bytes: int) -> None:
        """Write what the URL answers to a file; `BadAudio` (`file_too_large`) past the limit."""

    async def upload(self, path: Path, url: str, mime_type: str) -> str:
        """Put a file to a URL; return its sha256."""

    async def keep(self, path: Path) -> Path:
        """Move a file to the output folder under a name of its own; return where it lies."""


class Moments(Protocol):
    """The service's own front door, for agents. Raises `MomentsUnavailable` and `MomentRefused`."""

    async def submit(self, recording: Path, *, filename: str, blueprint_json: str, output_kind: str) -> str:
        """Post a recording; return the id of its job. Empty texts are left to the API's defaults."""

    async def status(self, job_id: str) -> dict[str, Any]:
        """Return the job's status as the API says it (`status`, `terminal`, `progress`, `final_audio_url` …)."""
