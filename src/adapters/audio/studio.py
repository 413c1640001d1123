"""The studio's ports over the audio code of this package; each call runs in a warm child process.

Only the children import the modules that compute: the serving process stays small and starts quickly.
"""

# ruff: noqa: PLC0415 - see above

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from adapters.audio.children.losses import ChildCrashed, OutOfTime
from adapters.audio.children.pool import ChildPool
from adapters.audio.codecs.limits import too_costly
from adapters.audio.sampling.errors import BadSoundFont
from adapters.audio.sampling.soundfont import SoundFont
from adapters.toolkit.turns import Stage
from application.ports.mastering import MasterReport, MixPlan, WaveformPicture
from application.ports.performers import NO_PARTS, MelodyPicture, SoundFontMissing, StemReport
from application.ports.speech import Speech
from application.ports.transcriber import Transcription
from domain.errors import BadAudio
from domain.jobs.output_formats import OutputFormat
from domain.music.score import PartGroup, Score

Args = TypeVarTuple("Args")
T = TypeVar("T")

log = logging.getLogger(__name__)


class SwiftTranscriber:
    """`Transcriber` by SwiftF0 and our own note segmentation.

    Args:
        children: Compute.
        kept: A folder where the pitch and the voice of recordings are kept for the singer.
    """

    def __init__(self, children: ChildPool, kept: Path | None = None) -> None:
        self._children = children
        self._kept = kept

    async def transcribe(self, recording: Path) -> Transcription:
        """Return the notes of a recording in any format. Raises `BadAudio` and `ChildLost`."""
        return await _run_on_recording(self._children, _transcribe, recording, self._kept)


class PsolaSinger:
    """`Singer` by TD-PSOLA.

    Args:
        children: Compute.
        kept: The folder of the transcriber.
    """

    def __init__(self, children: ChildPool, kept: Path | None = None) -> None:
        self._children = children
        self._kept = kept

    async def sing(
        self,
        recording: Path,
        score: Score,
        out: Path,
        *,
        speech: Speech | None = None,
        picture: MelodyPicture | None = None,
    ) -> StemReport:
        """Write the vocals stem. Raises what `adapters.audio.voice.singing.sing` raises, and `ChildLost`."""
        sing = partial(_sing, speech=speech, picture=picture, kept=self._kept)
        return await _run_on_recording(self._children, sing, recording, score, out, stage=Stage.RENDER)


class SynthBand:
    """`Band` by our own synthesisers, and by a SoundFont where a piece names the one that we have.

    Args:
        children: Compute.
        soundfont: That which we have.
        kept: A folder of its own, where takes of drums are kept for the pieces that follow.
    """

    def __init__(self, children: ChildPool, soundfont: SoundFont | None = None, kept: Path | None = None) -> None:
        self._children = children
        self._soundfont = soundfont
        self._kept = kept

    def require(self, soundfont: str) -> None:
        """Return if it is ours, or empty. Raises `SoundFontMissing`."""
        if soundfont and (self._soundfont is None or self._soundfont.sha256 != soundfont):
            raise SoundFontMissing(soundfont)

    async def play(
        self, score: Score, out: Path, parts: Mapping[PartGroup, Path] = NO_PARTS, *, soundfont: str = ""
    ) -> StemReport:
        """Write the instrumental stem, and the parts that are wanted.

        Raises:
            ChildLost, EncodingFailed: As the children raise them.
            SoundFontMissing: It is not ours, or its file has changed.
        """
        self.require(soundfont)
        try:
            play = partial(_play, soundfont=self._soundfont if soundfont else None, kept=self._kept)
            return await self._children.run(play, score, out, dict(parts), stage=Stage.RENDER)
        except BadSoundFont as error:
            log.warning("MOMENT_SOUNDFONT %s; replace the file and start music-tools again", error)
            raise SoundFontMissing(soundfont) from error

    async def notate(self, score: Score, midi: Path, lead_sheet: Path) -> None:
        """Write the score as a MIDI file, and its lead sheet as MusicXML. Raises `ChildLost`."""
        await self._children.run(_notate, score, midi, lead_sheet, stage=Stage.RENDER)


class MasteringStudio:
    """`MasteringDesk` that measures after ITU-R BS.1770-4."""

    def __init__(self, children: ChildPool) -> None:
        self._children = children

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
        """Write the finished file. Raises what `adapters.audio.mix.mastering.master` raises, and `ChildLost`."""
        master = partial(_master, picture=picture)
        return await self._children.run(master, vocals, instrumental, out, output_format, plan, stage=Stage.MIX)

    async def encode(self, stem: Path, out: Path, output_format: OutputFormat) -> float:
        """Write a stem in a format. Raises what `adapters.audio.codecs.stems.encode_stem` raises, and `ChildLost`."""
        return await self._children.run(_encode, stem, out, output_format)


async def _run_on_recording(
    children: ChildPool, function: Callable[[*Args], T], *args: *Args, stage: Stage = Stage.ANALYSIS
) -> T:
    """Run what decodes a recording: if that crashes again and again, or for too long, so it will tomorrow."""
    try:
        return await children.run(function, *args, stage=stage)
    except ChildCrashed as crash:
        raise BadAudio("the recording crashed its decoder twice", code="decoding_crashed") from crash
    except OutOfTime as late:
        raise too_costly("processor time") from late


def warm_up(soundfont: SoundFont | None = None) -> None:
    """Import and exercise every module that computes, in this process; once."""
    from adapters.audio.analysis import transcription
    from adapters.audio.mix import band, mastering
    from adapters.audio.voice import singing

    for module in (transcription, singing, band, mastering):
        module.warm_up()
    if soundfont is not None:
        from adapters.audio.sampling import patches

        patches.warm_up(soundfont)


def _transcribe(recording: Path, kept: Path | None) -> Transcription:
    from adapters.audio.hearing import hear

    return hear(recording, kept)


def _sing(
    recording: Path,
    score: Score,
    out: Path,
    *,
    speech: Speech | None,
    picture: MelodyPicture | None,
    kept: Path | None,
) -> StemReport:
    from adapters.audio.voice.singing import sing

    return sing(recording, score, out, speech=speech, picture=picture, kept=kept)


def _play(
    score: Score, out: Path, parts: dict[PartGroup, Path], *, soundfont: SoundFont | None, kept: Path | None
) -> StemReport:
    from adapters.audio.instruments import PATCHES, Patches
    from adapters.audio.instruments.kept_takes import keeping
    from adapters.audio.mix.band import play

    patches: Patches = PATCHES
    if soundfont is not None:
        from adapters.audio.sampling.patches import patches_of

        patches = patches_of(soundfont)
    return play(score, out, parts, keeping(patches, kept) if kept is not None else patches)


def _notate(score: Score, midi_file: Path, lead_sheet: Path) -> None:
    from adapters.audio.codecs import midi, musicxml

    midi.write(score, midi_file)
    musicxml.write(score, lead_sheet)


def _encode(stem: Path, out: Path, output_format: OutputFormat) -> float:
    from adapters.audio.codecs.stems import encode_stem

    return encode_stem(stem, out, output_format)


def _master(
    vocals: Path | None,
    instrumental: Path,
    out: Path,
    output_format: OutputFormat,
    plan: MixPlan | None,
    *,
    picture: WaveformPicture | None,
) -> MasterReport:
    from adapters.audio.mix.mastering import master

    return master(vocals, instrumental, out, output_format, plan, picture=picture)
