"""Harmony: chords that fit the melody, follow usual progressions, and end on the tonic."""

from itertools import pairwise

import pytest

from domain.music.composition.harmony import Cadence, harmonise
from domain.music.score import MelodyNote
from domain.music.theory.chords import Colour, Numeral, TimedChord, coloured, vocabulary
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale
from domain.music.theory.voicing import close_position, lead_voices
from tests.support.hummed_analyses import ODE, Tune

AXIS: tuple[Numeral, ...] = ("I", "V", "vi", "IV")


def melody(tune: Tune) -> tuple[MelodyNote, ...]:
    notes, beat = [], 0.0
    for beats, pitch in tune:
        if pitch is not None:
            notes.append(MelodyNote(beat, beats, pitch, 0.8))
        beat += beats
    return tuple(notes)


def chords_for(
    tune: Tune,
    bars: int,
    *,
    key: str = "C",
    meter: str = "4/4",
    cadence: Cadence | None = None,
    beat_seconds: float = 0.5,
) -> tuple[TimedChord, ...]:
    loop: tuple[Numeral, ...] = ("i", "VI", "III", "VII") if key.endswith("m") else AXIS
    return harmonise(
        Scale.of(key),
        melody(tune),
        bars,
        Meter.of(meter),
        loop=loop,
        beat_seconds=beat_seconds,
        cadence=cadence or Cadence(),
    )


def test_ode_to_joy_begins_and_ends_on_the_tonic() -> None:
    chords = chords_for(ODE, 8)
    assert chords[0].harmony.numeral == "I"
    assert chords[-1].harmony.numeral == "I"
    assert {"IV", "V", "ii"} & {chord.harmony.numeral for chord in chords}


@pytest.mark.parametrize("pitch", [60, 62, 64, 65, 67, 69, 71])
@pytest.mark.parametrize("key", ["C", "Am"])
def test_long_notes_are_chord_tones(pitch: int, key: str) -> None:
    tune = [(4, pitch), (4, pitch), (4, pitch), (4, 60 if key == "C" else 57)]
    for chord in (chord for chord in chords_for(tune, 4, key=key) if chord.start < 12):
        assert pitch % 12 in chord.harmony.classes


def test_most_of_a_real_tune_is_chord_tones() -> None:
    chords = chords_for(ODE, 8)
    fitting = [
        note.pitch % 12 in next(c for c in chords if c.start <= note.start < c.start + c.beats).harmony.classes
        for note in melody(ODE)
        if note.start % 4 == 0 or note.beats > 1
    ]
    assert sum(fitting) / len(fitting) >= 0.8


@pytest.mark.parametrize("key", ["C", "Am", "F#m", "Eb"])
@pytest.mark.parametrize("meter", ["4/4", "3/4", "6/8", "7/8"])
def test_the_piece_ends_on_the_tonic_whatever_is_sung(key: str, meter: str) -> None:
    tonic = Scale.of(key).tonic
    clash = tonic + 61
    bars = 4
    chords = chords_for([(1, clash)] * 20, bars, key=key, meter=meter, cadence=Cadence(last=True))
    assert chords[-1].harmony.root == tonic
    assert chords[-1].start + chords[-1].beats == pytest.approx(bars * Meter.of(meter).bar)


def test_build_ups_stay_open() -> None:
    assert chords_for([], 4, cadence=Cadence(open=True))[-1].harmony.numeral == "V"
    assert chords_for([], 4, key="Am", cadence=Cadence(open=True))[-1].harmony.numeral == "V"


def test_silence_follows_the_loop_of_the_style() -> None:
    numerals = [chord.harmony.numeral for chord in chords_for([], 8)]
    assert numerals[:3] == list(AXIS[:3])


def test_chords_change_with_the_bars_or_their_halves() -> None:
    slow = chords_for(ODE, 8, beat_seconds=0.9)
    assert all(chord.start % 2 == 0 for chord in slow)
    assert all(chord.start % 4 == 0 for chord in chords_for(ODE, 8, beat_seconds=0.35))
    for chord, after in pairwise(slow):
        assert chord.start + chord.beats == pytest.approx(after.start)
        assert chord.harmony != after.harmony


def test_secondary_dominants_resolve() -> None:
    tune = [(4, 60), (4, 68), (4, 69), (4, 60)]
    numerals = [chord.harmony.numeral for chord in chords_for(tune, 4)]
    assert numerals[:3] == ["I", "V/vi", "vi"] or numerals[1] == "iv"


@pytest.mark.parametrize(
    ("key", "numeral", "colour", "symbol"),
    [
        ("C", "I", Colour.PLAIN, "C"),
        ("C", "I", Colour.SEVENTHS, "Cmaj9"),
        ("C", "ii", Colour.SEVENTHS, "Dm9"),
        ("C", "V", Colour.SEVENTHS, "G9"),
        ("C", "iii", Colour.SEVENTHS, "Em7"),
        ("C", "IV", Colour.ADDED_NINTHS, "Fadd9"),
        ("C", "I", Colour.OPEN, "Csus2"),
        ("Am", "VI", Colour.SEVENTHS, "Fmaj9"),
        ("F", "IV", Colour.PLAIN, "Bb"),
        ("C", "bVII", Colour.PLAIN, "Bb"),
        ("F#m", "v", Colour.PLAIN, "C#m"),
    ],
)
def test_colours_and_names(key: str, numeral: str, colour: Colour, symbol: str) -> None:
    scale = Scale.of(key)
    chord = next(chord for chord in vocabulary(scale) if chord.numeral == numeral)
    assert coloured(chord, scale, colour, frozenset()).symbol(scale) == symbol


def test_colours_keep_clear_of_the_melody() -> None:
    scale = Scale.of("C")
    tonic = vocabulary(scale)[0]
    assert 11 not in coloured(tonic, scale, Colour.SEVENTHS, frozenset({10})).intervals
    assert coloured(tonic, scale, Colour.OPEN, frozenset({4})) == tonic


def test_voices_move_little_and_stay_in_their_range() -> None:
    chords = [chord for chord in vocabulary(Scale.of("C")) if "/" not in chord.numeral] * 2
    voicings = lead_voices(chords, 50, 66)
    assert all(50 <= pitch <= 66 for notes in voicings for pitch in notes)
    assert all({pitch % 12 for pitch in notes} == chord.classes for notes, chord in zip(voicings, chords, strict=True))
    moves = [max(abs(a - b) for a, b in zip(old, new, strict=True)) for old, new in pairwise(voicings)]
    assert sum(moves) / len(moves) <= 4


def test_close_position_begins_on_the_root() -> None:
    scale = Scale.of("A")
    notes = close_position(vocabulary(scale)[0])
    assert notes == (57, 61, 64)
