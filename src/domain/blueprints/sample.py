"""The sample of a style: the same short tune in every style, so that they can be compared."""

from typing import Final

from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.completion import complete
from domain.music.hum import Analysis, HummedNote
from domain.music.styles.style import Style

KIND: Final = OutputKind.SONG
"""A preview has a shortest length; a song whose sections are fixed is as long as they are."""

_TUNE: Final = (
    *((64, 1.0), (67, 1.0), (72, 1.5), (71, 0.5), (69, 1.0), (67, 1.0), (64, 2.0)),
    *((65, 1.0), (69, 1.0), (74, 1.5), (72, 0.5), (71, 1.0), (67, 1.0), (72, 2.0)),
)
"""MIDI numbers and beats: four bars of 4/4 in C major, two phrases."""

_SECOND_PHRASE: Final = 7
_BEATS: Final = 16
_BEAT_SECONDS: Final = 0.5
_LEGATO: Final = 0.95

_TEMPO: Final = 112
_SLOW_TEMPO: Final = 66
_LONGEST: Final = 12.4
"""Seconds with the tail: 200 kB as MP3. A style that is slow and rings for long plays half of the tune."""


def sample_blueprint(style: Style) -> Blueprint:
    """Return the blueprint of a style's sample: 8 to 13 seconds in C major, with its tail."""
    tempo, half = min(_TEMPO, style.tempo_range[1]), 2
    if 8 * half * 60 / tempo + style.tail > _LONGEST:
        tempo, half = max(_SLOW_TEMPO, style.tempo_range[0]), 1
    sections = [{"name": "theme", "bars": half, "energy": 0.65}, {"name": "lift", "bars": half, "energy": 0.9}]
    fixed = {"style": style.name, "tempo_bpm": tempo, "key": "C", "time_signature": "4/4", "sections": sections}
    return complete(fixed, _heard(), blueprint_id=f"sample-{style.name}", kind=KIND, voice_id="hummer", seed=1)


def _heard() -> Analysis:
    """Return the tune as if somebody had hummed it without a mistake."""
    onsets = [sum(beats for _, beats in _TUNE[:index]) * _BEAT_SECONDS for index in range(len(_TUNE))]
    notes = [
        HummedNote(onset, beats * _BEAT_SECONDS * _LEGATO, float(pitch), 0.8)
        for onset, (pitch, beats) in zip(onsets, _TUNE, strict=True)
    ]
    return Analysis(
        duration=_BEATS * _BEAT_SECONDS,
        tuning_cents=0.0,
        key="C",
        key_confidence=1.0,
        tempo_bpm=60 / _BEAT_SECONDS,
        tempo_confidence=1.0,
        first_beat=0.0,
        notes=tuple(notes),
        phrases=(0, _SECOND_PHRASE),
        written=tuple(pitch for pitch, _ in _TUNE),
        tuning_curve=(0.0,) * len(_TUNE),
        beats=tuple(beat * _BEAT_SECONDS for beat in range(_BEATS + 1)),
    )
