"""Songs of one hum and what is measured on them, for docs/listening.py: the same songs as `make demo` makes."""

from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec
import numpy as np

from adapters.audio.analysis.transcription import transcribe
from adapters.audio.arrays import Stereo
from adapters.audio.codecs.encoding import decode
from adapters.audio.mix import band, loudness, mastering
from adapters.audio.voice import singing
from application.ports.mastering import MasterReport
from application.ports.performers import MelodyPicture
from application.studio.mix_and_master import picture_of
from application.studio.mix_plan import mix_plan
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.briefing import brief_of
from domain.blueprints.completion import complete
from domain.music.composition.arrangement import compose
from domain.music.hum import Analysis
from domain.music.listening.analysis import analyze_notes
from domain.music.score import FormSection, Score
from tests.support import score_measures
from tests.support.style_features import spatial_features, spectral_features

KIND = OutputKind.SONG


class Heard(NamedTuple):
    """A section and what is measured on it: gated loudness, LUFS, and spectral centroid, Hz."""

    section: FormSection
    lufs: float
    centroid: float


class Song(NamedTuple):
    """A song and what is measured on its finished file.

    Attributes:
        spectral: `slope`, `brightness`, `lows`, `highs` … of `tests/support/style_features.py`, and `width`.
        written: Of `tests/support/score_measures.py`.
        spectrum: Level of each band of `BANDS`, dB against the loudest.
    """

    score: Score
    report: MasterReport
    sections: tuple[Heard, ...]
    spectral: dict[str, float]
    written: dict[str, float]
    spectrum: tuple[float, ...]

    def first(self, name: str) -> Heard:
        """Return the first section of a name."""
        return next(heard for heard in self.sections if heard.section.name == name)

    def last(self, name: str) -> Heard:
        """Return the last section of a name."""
        return next(heard for heard in reversed(self.sections) if heard.section.name == name)


BANDS = tuple(float(1000 * 2 ** (third / 3)) for third in range(-15, 13))
"""Centres of thirds of an octave, Hz: 31 Hz to 16 kHz."""


def analysis_of(hum: Path) -> Analysis:
    """Return what is heard in a hum."""
    heard = transcribe(hum)
    return analyze_notes(heard.notes, heard.duration, {})


def draw_hum(hum: Path, analysis: Analysis, out: Path) -> None:
    """Draw the notes over the pitch of a hum."""
    with TemporaryDirectory() as folder:
        silent = msgspec.structs.replace(compose_song(hum, analysis, "cinematic"), vocals=())
        singing.sing(hum, silent, Path(folder) / "vocals.flac", picture=MelodyPicture(analysis, out))


def compose_song(hum: Path, analysis: Analysis, style: str) -> Score:
    """Return the score of a hum's song, with the seed that the service takes from the recording."""
    seed = int(sha256(hum.read_bytes()).hexdigest()[:8], 16)
    plan = complete({"style": style}, analysis, blueprint_id="song", kind=KIND, voice_id="hummer", seed=seed)
    return compose(brief_of(plan, KIND))


def make(hum: Path, analysis: Analysis, style: str, picture: Path) -> Song:
    """Make a hum's song in a style, draw it, and measure it."""
    score = compose_song(hum, analysis, style)
    with TemporaryDirectory() as name:
        vocals, instrumental, final = (Path(name) / file for file in ("vocals.flac", "instrumental.flac", "final.mp3"))
        singing.sing(hum, score, vocals)
        band.play(score, instrumental)
        drawn = picture_of(score, picture)
        report = mastering.master(vocals, instrumental, final, "mp3_44100_128", mix_plan(score), picture=drawn)
        sound, rate = decode(final)
    return Song(
        score=score,
        report=report,
        sections=_sections(sound, rate, score),
        spectral=spectral_features(sound) | spatial_features(sound, score),
        written=_written(score),
        spectrum=_spectrum(sound, rate),
    )


def _sections(sound: Stereo, rate: int, score: Score) -> tuple[Heard, ...]:
    energies = loudness.hop_energies(sound, rate)
    return tuple(
        Heard(
            section,
            loudness.gated_loudness(energies[round(10 * section.start) : round(10 * section.end)]),
            2 ** spectral_features(sound[:, round(section.start * rate) : round(section.end * rate)])["brightness"],
        )
        for section in score.form
    )


def _written(score: Score) -> dict[str, float]:
    return {
        "repeat": score_measures.longest_repeat(score),
        "drums": score_measures.groove_change(score),
        "drummed": any(part.instrument.is_kit for part in score.parts),
        "ninths": score_measures.minor_ninths(score),
        "tones": score_measures.strong_chord_tones(score),
        "parallels": score_measures.parallels(score),
        "chords": len(set(score.progression)),
    }


def _spectrum(sound: Stereo, rate: int) -> tuple[float, ...]:
    power = np.zeros(8193)
    mono = sound.mean(axis=0)
    window = np.hanning(16384).astype(np.float32)
    for first in range(0, len(mono) - len(window), len(window) // 2):
        power += np.abs(np.fft.rfft(mono[first : first + len(window)] * window)) ** 2
    hertz = np.fft.rfftfreq(len(window), 1 / rate)
    bands = [power[(hertz >= centre / 2 ** (1 / 6)) & (hertz < centre * 2 ** (1 / 6))].sum() for centre in BANDS]
    levels = 10 * np.log10(np.maximum(np.array(bands) / max(bands), 1e-9))
    return tuple(float(level) for level in levels)
