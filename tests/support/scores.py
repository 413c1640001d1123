"""Handwritten scores: eight bars of the same tune, played by the instruments of any style."""

import msgspec

from domain.music.instruments import Instrument, InstrumentKind
from domain.music.score import Chord, LeadSheet, Part, Score, ScoreNote, SectionSpan
from domain.music.styles.registry import STYLES
from domain.music.styles.style import BASS, LEAD, Style

_TUNE = ((0, 1, 69), (1, 1, 72), (2, 1.5, 76), (3.5, 0.5, 74), (4, 2, 72), (6, 1, 71), (7, 1, 72))
_CHORDS = (("Am", (57, 60, 64)), ("F", (53, 57, 60)), ("C", (55, 60, 64)), ("G", (55, 59, 62)))


def score(style: str = "cinematic", *, bars: int = 8, tail: float = 3.0, seed: int = 7) -> Score:
    """Return a piece in A minor, 4/4, played by the style's channels."""
    values = STYLES[style]
    tempo = round(sum(values.tempo_range) / 2)
    beat = 60 / tempo
    duration = bars * 4 * beat
    return Score(
        style=style,
        key="Am",
        tempo_bpm=float(tempo),
        beats_per_bar=4,
        duration=duration,
        tail=tail,
        seed=seed,
        lead=LEAD,
        space=values.space,
        time_signature="4/4",
        bar_lines=tuple(4 * bar * beat for bar in range(bars + 1)),
        sheet=LeadSheet(beats=4.0 * bars, melody=(), chords=(), sections=()),
        sections=(
            SectionSpan("opening", 0.0, duration / 2, bars // 2, 0.4),
            SectionSpan("theme", duration / 2, duration / 2, bars - bars // 2, 0.9),
        ),
        chords=tuple(Chord(4 * bar * beat, 4 * beat, _CHORDS[bar % 4][0], _CHORDS[bar % 4][1]) for bar in range(bars)),
        parts=tuple(_part(values, name, bars, beat) for name in values.channels),
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


def beats(bars: int, beat: float, strokes: tuple[tuple[float, int, float], ...]) -> tuple[ScoreNote, ...]:
    """Return a drum pattern of (beat of the bar, key, velocity) in every bar."""
    return tuple(
        ScoreNote((4 * bar + at) * beat, 0.1, key, velocity) for bar in range(bars) for at, key, velocity in strokes
    )


def _backbeat(hats: int) -> tuple[tuple[float, int, float], ...]:
    drums = [(0.0, 36, 0.9), (1.0, 38, 0.8), (2.0, 36, 0.85), (3.0, 38, 0.85)]
    drums += [(4 * step / hats, 42, 0.5) for step in range(hats)]
    return tuple(sorted(drums))


def _part(style: Style, name: str, bars: int, beat: float) -> Part:
    """Return what a channel of the style plays: the tune, the beat, roots, or chords in its instrument's register."""
    channel = style.channels[name]
    instrument = channel.instrument
    middle = (instrument.low + instrument.high) // 2
    if name.startswith(LEAD):
        notes = melody(bars, beat, 12 if middle > 84 else 0)
    elif instrument.kind is InstrumentKind.KIT:
        notes = beats(bars, beat, _backbeat(8))
    elif name == BASS:
        notes = roots(bars, beat, 2)
    else:
        notes = pads(bars, beat, 12 if middle > 72 else 0)
    return Part(
        name=name,
        instrument=instrument,
        group=style.group_of(name),
        gain_db=channel.gain_db,
        pan=channel.pan,
        space=channel.space,
        notes=notes,
    )
