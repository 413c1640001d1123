"""The studio's ears, voice, band and desk, each call in a warm child process.

The modules that compute are imported in the children alone: the process that serves stays small and starts quickly.
"""

# ruff: noqa: PLC0415 - see above

from pathlib import Path

from adapters.audio.processes import run
from application.ports.mastering import MasterReport
from application.ports.performers import StemReport
from application.ports.transcriber import Hearing
from domain.music.model import Score


class SwiftTranscriber:
    """`Transcriber` with SwiftF0 and our own segmentation."""

    async def transcribe(self, recording: Path) -> Hearing:
        """Hear the notes of a recording in any format; raises `BadAudio`."""
        return await run(_hear, recording)


class PsolaSinger:
    """`Singer` by TD-PSOLA."""

    async def sing(self, recording: Path, score: Score, out: Path) -> StemReport:
        """Write the vocals stem; raises `BadAudio` when the recording cannot be decoded."""
        return await run(_sing, recording, score, out)


class SynthBand:
    """`Band` of our own instruments."""

    async def play(self, score: Score, out: Path) -> StemReport:
        """Write the instrumental stem."""
        return await run(_play, score, out)

    async def notate(self, score: Score, out: Path) -> None:
        """Write the score as a MIDI file."""
        await run(_notate, score, out)


class MasteringStudio:
    """`MasteringDesk` after ITU-R BS.1770-4."""

    async def master(self, vocals: Path | None, instrumental: Path, out: Path, output_format: str) -> MasterReport:
        """Write the finished file; raises what `adapters.audio.mix.mastering.master` raises."""
        return await run(_master, vocals, instrumental, out, output_format)


def warm_up() -> None:
    """Import and exercise every module that computes, in this process; once."""
    from adapters.audio.analysis import transcription
    from adapters.audio.mix import band, mastering
    from adapters.audio.voice import singing

    for module in (transcription, singing, band, mastering):
        module.warm_up()


def _hear(recording: Path) -> Hearing:
    from adapters.audio.analysis.transcription import hear

    return hear(recording)


def _sing(recording: Path, score: Score, out: Path) -> StemReport:
    from adapters.audio.voice.singing import sing

    return sing(recording, score, out)


def _play(score: Score, out: Path) -> StemReport:
    from adapters.audio.mix.band import play

    return play(score, out)


def _notate(score: Score, out: Path) -> None:
    from adapters.audio.codecs.midi import write

    write(score, out)


def _master(vocals: Path | None, instrumental: Path, out: Path, output_format: str) -> MasterReport:
    from adapters.audio.mix.mastering import master

    return master(vocals, instrumental, out, output_format)
