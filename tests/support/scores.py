"""Scores by hand: eight bars of the same tune, dressed in each style; `repeats` makes a song of them."""

import msgspec

from domain.music.instruments import Instrument
from domain.music.model import Chord, Part, Score, ScoreNote, SectionSpan
from domain.music.styles.registry import resolve_style

_TUNE = ((0, 1, 69), (1, 1, 72), (2, 1.5, 76), (3.5, 0.5, 74), (4, 2, 72), (6, 1, 71), (7, 1, 72))
_CHORDS = (("Am", (57, 60, 64)), ("F", (53, 57, 60)), ("C", (55, 60, 64)), ("G", (55, 59, 62)))
_TEMPO = {"cinematic": 80.0, "lofi": 76.0, "synthwave": 100.0}


def score(style: str = "cinematic", *, bars: int = 8, tail: float = 3.0, seed: int = 7) -> Score:
    """Return a piece in A minor, 4/4, in one of the three styles."""
    beat = 60 / _TEMPO[style]
    duration = bars * 4 * beat
    return Score(
        style=resolve_style(style).name,
        key="Am",
        tempo_bpm=_TEMPO[style],
        beats_per_bar=4,
        duration=duration,
        tail=tail,
        seed=seed,
        lead="lead",
        sections=(
            SectionSpan("opening", 0.0, duration / 2, bars // 2, 0.4),
            SectionSpan("theme", duration / 2, duration / 2, bars - bars // 2, 0.9),
        ),
        chords=tuple(Chord(4 * bar * beat, 4 * beat, _CHORDS[bar % 4][0], _CHORDS[bar % 4][1]) for bar in range(bars)),
        parts=_PARTS[style](bars, beat),
        vocals=(),
    )


def one_part(
    instrument: Instrument, *notes: ScoreNote, duration: float, tail: float = 1.0, style: str = "cinematic"
) -> Score:
    """Return a piece of a single part."""
    part = Part(name="lead", instrument=instrument, notes=notes)
    return msgspec.structs.replace(score(style), duration=duration, tail=tail, parts=(part,))


def melody(bars: int, beat: float, shift: int = 0, velocity: float = 0.8) -> tuple[ScoreNote, ...]:
    """Return the tune, two bars long, over and over."""
    return tuple(
        ScoreNote((start + 8 * turn) * beat, 0.95 * beats * beat, pitch + shift, velocity)
        for turn in range(bars // 2)
        for start, beats, pitch in _TUNE
    )


def pads(bars: int, beat: float, shift: int = 0) -> tuple[ScoreNote, ...]:
    """Return a close chord per bar."""
    return tuple(
        ScoreNote(4 * bar * beat, 4 * beat, pitch + shift, 0.6) for bar in range(bars) for pitch in _CHORDS[bar % 4][1]
    )


def roots(bars: int, beat: float, per_bar: int) -> tuple[ScoreNote, ...]:
    """Return the bass."""
    step = 4 / per_bar
    return tuple(
        ScoreNote((4 * bar + step * turn) * beat, 0.9 * step * beat, _CHORDS[bar % 4][1][0] - 24 + 12 * (turn % 2), 0.8)
        for bar in range(bars)
        for turn in range(per_bar)
    )


def arpeggio(bars: int, beat: float) -> tuple[ScoreNote, ...]:
    """Return sixteenths up the chord."""
    return tuple(
        ScoreNote((4 * bar + turn / 4) * beat, 0.2 * beat, _CHORDS[bar % 4][1][turn % 3] + 12, 0.7)
        for bar in range(bars)
        for turn in range(16)
    )


def beats(bars: int, beat: float, strokes: tuple[tuple[float, int, float], ...]) -> tuple[ScoreNote, ...]:
    """Return a drum pattern of (beat of the bar, key, velocity) in every bar."""
    return tuple(
        ScoreNote((4 * bar + at) * beat, 0.1, key, velocity) for bar in range(bars) for at, key, velocity in strokes
    )


def _backbeat(hats: int) -> tuple[tuple[float, int, float], ...]:
    drums = [(0.0, 36, 0.9), (1.0, 38, 0.8), (2.0, 36, 0.85), (3.0, 38, 0.85)]
    drums += [(4 * step / hats, 42, 0.5) for step in range(hats)]
    return tuple(sorted(drums))


def _cinematic(bars: int, beat: float) -> tuple[Part, ...]:
    return (
        Part(
            name="strings",
            instrument=Instrument.LOW_STRINGS,
            gain_db=-6,
            pan=-0.1,
            space=0.5,
            notes=pads(bars, beat, -12),
        ),
        Part(name="lead", instrument=Instrument.SOLO_STRINGS, gain_db=2, space=0.5, notes=melody(bars, beat)),
        Part(name="lead octave", instrument=Instrument.HORNS, gain_db=-5, space=0.6, notes=melody(bars, beat, -12)),
        Part(name="choir", instrument=Instrument.CHOIR, gain_db=-8, space=0.8, notes=pads(bars, beat)),
        Part(name="high", instrument=Instrument.HIGH_STRINGS, gain_db=-9, space=0.6, notes=pads(bars, beat, 12)),
        Part(name="piano", instrument=Instrument.PIANO, gain_db=-8, space=0.4, notes=roots(bars, beat, 4)),
        Part(
            name="drums",
            instrument=Instrument.CINEMATIC_KIT,
            gain_db=-4,
            space=0.5,
            notes=beats(bars, beat, ((0, 36, 0.9), (0, 41, 0.9), (1.5, 45, 0.6), (2, 41, 0.8), (3.5, 48, 0.6))),
        ),
    )


def _lofi(bars: int, beat: float) -> tuple[Part, ...]:
    return (
        Part(name="keys", instrument=Instrument.ELECTRIC_PIANO, gain_db=-5, pan=-0.15, notes=pads(bars, beat)),
        Part(name="lead", instrument=Instrument.VIBRAPHONE, gain_db=1, notes=melody(bars, beat)),
        Part(name="bass", instrument=Instrument.UPRIGHT_BASS, gain_db=-3, space=0.05, notes=roots(bars, beat, 2)),
        Part(
            name="drums", instrument=Instrument.LOFI_KIT, gain_db=-4, space=0.1, notes=beats(bars, beat, _backbeat(8))
        ),
    )


def _synthwave(bars: int, beat: float) -> tuple[Part, ...]:
    return (
        Part(name="pad", instrument=Instrument.SUPERSAW, gain_db=-8, notes=pads(bars, beat)),
        Part(name="lead", instrument=Instrument.LEAD_SYNTH, gain_db=1, notes=melody(bars, beat)),
        Part(name="arpeggio", instrument=Instrument.ARP_SYNTH, gain_db=-9, pan=0.3, notes=arpeggio(bars, beat)),
        Part(name="bass", instrument=Instrument.SYNTH_BASS, gain_db=-3, space=0.0, notes=roots(bars, beat, 8)),
        Part(
            name="drums", instrument=Instrument.GATED_KIT, gain_db=-3, space=0.2, notes=beats(bars, beat, _backbeat(8))
        ),
    )


_PARTS = {"cinematic": _cinematic, "lofi": _lofi, "synthwave": _synthwave}
