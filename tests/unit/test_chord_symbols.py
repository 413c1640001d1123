"""Chords that the musician wrote: read as musicians write them, and played as they are."""

from itertools import groupby

import pytest

from domain.blueprints.blueprint import OutputKind
from domain.music.styles.registry import STYLES
from domain.music.theory.chord_symbols import parse_chord
from domain.music.theory.scale import Scale
from tests.support.hummed_analyses import hum
from tests.unit.test_arrangement import SONG, score, section

GIVEN = ["Am", "F", "C/E", "G7"]


@pytest.mark.parametrize(
    ("symbol", "root", "intervals", "bass"),
    [
        ("C", 0, (0, 4, 7), 0),
        ("F#m", 6, (0, 3, 7), 0),
        ("Bbmaj7", 10, (0, 4, 7, 11), 0),
        ("G/B", 7, (0, 4, 7), 4),
        ("Dsus4", 2, (0, 5, 7), 0),
        ("A/C#", 9, (0, 4, 7), 4),
        ("Bb/F", 10, (0, 4, 7), 7),
        ("Em7b5", 4, (0, 3, 6, 10), 0),
    ],
)
def test_symbols_are_read(symbol: str, root: int, intervals: tuple[int, ...], bass: int) -> None:
    chord = parse_chord(symbol)
    assert chord is not None
    assert (chord.root, chord.intervals, chord.bass) == (root, intervals, bass)
    assert chord.symbol(Scale.of("F" if "b" in symbol else "C")) == symbol


@pytest.mark.parametrize("symbol", ["", "H", "Cxyz", "IV", "c", "C/", "C//E", "Am7/"])
def test_what_is_no_chord_is_none(symbol: str) -> None:
    assert parse_chord(symbol) is None


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", list(OutputKind))
def test_given_chords_win(style: str, kind: OutputKind) -> None:
    piece = score(
        hum(), kind, style=style, metadata={"chords": GIVEN}, tempo_bpm=120, sections=[section("verse", 0.7, 12)]
    )
    assert [chord.symbol for chord in piece.chords[:8]] == 2 * GIVEN
    assert piece.chords[-1].symbol == "Am"


def test_given_chords_begin_again_in_every_section() -> None:
    piece = score(hum(), SONG, metadata={"chords": GIVEN})
    for span in piece.sections:
        first = next(chord for chord in piece.chords if chord.start + chord.duration > span.start + 1e-6)
        assert first.symbol == "Am"


def test_a_list_with_an_unknown_symbol_is_left_alone() -> None:
    plain, wrong = (score(hum(), metadata={"chords": chords}) for chords in ([], ["Am", "Hm"]))
    assert [each.symbol for each in wrong.chords] == [each.symbol for each in plain.chords]
    assert len(list(groupby(each.symbol for each in plain.chords))) > 2
