"""The bass line: steps and inversions, without parallels with the melody; suspensions; one swing for all."""

import pytest

from domain.music.composition.bass_line import with_basses
from domain.music.score import MelodyNote
from domain.music.styles.registry import STYLES
from domain.music.theory.chords import Colour, TimedChord, coloured, vocabulary
from domain.music.theory.scale import Scale
from tests.support.score_measures import flams, minor_ninths, parallels, root_basses, strong_chord_tones
from tests.unit.test_arrangement import HUMS, SONG, score

KEY = Scale.of("C")
CHORDS = {chord.numeral: chord for chord in vocabulary(KEY)}


def test_the_bass_avoids_parallels_with_the_melody() -> None:
    chords = [TimedChord(0, 4, CHORDS["I"]), TimedChord(4, 4, CHORDS["ii"]), TimedChord(8, 4, CHORDS["I"])]
    octaves = [MelodyNote(0, 4, 72, 0.8), MelodyNote(4, 4, 74, 0.8), MelodyNote(8, 4, 72, 0.8)]
    basses = [chord.harmony.bass for chord in with_basses(chords, octaves)]
    assert basses[0] == basses[-1] == 0
    assert basses[1] in {3, 7}
    silent = [chord.harmony.bass for chord in with_basses(chords, [])]
    assert silent == [0, 0, 0]


@pytest.mark.parametrize("style", [name for name, style in STYLES.items() if style.has_bass])
def test_some_chords_are_inverted_and_most_are_not(style: str) -> None:
    assert 0.7 <= root_basses(score(HUMS["two minutes"], SONG, style=style)) <= 0.97


def test_inversions_are_named_by_their_bass() -> None:
    (_, middle, _) = with_basses(
        [TimedChord(0, 4, CHORDS["I"]), TimedChord(4, 4, CHORDS["V"]), TimedChord(8, 4, CHORDS["vi"])],
        [MelodyNote(0, 4, 67, 0.8), MelodyNote(4, 4, 74, 0.8), MelodyNote(8, 4, 72, 0.8)],
    )
    assert middle.harmony.symbol(KEY) == "G/B"


@pytest.mark.parametrize("colour", [Colour.PLAIN, Colour.SEVENTHS, Colour.ADDED_NINTHS, Colour.OPEN])
def test_nothing_sounds_a_semitone_below_what_is_held(colour: Colour) -> None:
    for numeral in ("I", "IV", "V"):
        chord = CHORDS[numeral]
        fourth = (chord.root + 5) % 12
        suspended = coloured(chord, KEY, colour, frozenset({fourth}))
        assert (fourth - 1) % 12 not in suspended.classes, suspended
        tonic = coloured(chord, KEY, colour, frozenset({chord.root}))
        assert (chord.root - 1) % 12 not in tonic.classes, tonic


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("who", ["ode", "two minutes", "waltz"])
def test_voices_fit_together(style: str, who: str) -> None:
    piece = score(HUMS[who], SONG, style=style)
    assert minor_ninths(piece) <= 0.06
    assert parallels(piece) <= 0.02
    assert strong_chord_tones(piece) >= 0.8


@pytest.mark.parametrize("style", [name for name, style in STYLES.items() if style.has_drums])
def test_lead_and_hats_strike_together(style: str) -> None:
    apart = flams(score(HUMS["ode"], SONG, style=style, tempo_bpm=84))
    assert max(apart, default=0.0) <= 12.0
