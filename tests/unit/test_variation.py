"""Songs that go somewhere: no long stretch repeats, sections differ as their names say, the lead leaves room."""

from itertools import pairwise
from random import Random
from statistics import mean

import pytest

from domain.blueprints.blueprint import OutputKind
from domain.music.composition.section_words import energy_of, is_half_time, role_of
from domain.music.composition.variation import sequence, varied
from domain.music.hum import Analysis
from domain.music.listening.analysis import analyze_notes
from domain.music.score import MelodyNote, SectionRole
from domain.music.styles.registry import STYLES
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale
from tests.support.performances import performance
from tests.support.score_measures import groove_change, longest_repeat, minor_ninths, parallels, strong_chord_tones
from tests.unit.test_arrangement import SONG, part, score, section

KEY, METER = Scale.of("C"), Meter.of("4/4")
SEEDS = range(300, 306)
TUNE = tuple(MelodyNote(float(at), 1.0, pitch, 0.8) for at, pitch in enumerate((60, 64, 67, 67, 65, 62, 64, 60)))


def hummed(seed: int) -> Analysis:
    """Return the analysis of a random tune as a random singer performs it."""
    notes = performance(seed).notes
    return analyze_notes(notes, notes[-1].onset + notes[-1].duration + 0.5, {})


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("seed", SEEDS[:3])
def test_no_more_than_four_bars_of_a_song_repeat(style: str, seed: int) -> None:
    assert longest_repeat(score(hummed(seed), SONG, style=style, seed=seed)) <= 4


@pytest.mark.parametrize("style", STYLES)
def test_voices_fit_in_real_tunes(style: str) -> None:
    pieces = [score(hummed(seed), kind, style=style, seed=seed) for seed in SEEDS for kind in OutputKind]
    assert mean(minor_ninths(piece) for piece in pieces) <= 0.02
    assert mean(parallels(piece) for piece in pieces) <= 0.02
    assert mean(strong_chord_tones(piece) for piece in pieces) >= 0.92


@pytest.mark.parametrize("style", [name for name, style in STYLES.items() if style.has_drums])
def test_drums_change_by_fills_and_tiers(style: str) -> None:
    assert mean(groove_change(score(hummed(seed), SONG, style=style, seed=seed)) for seed in SEEDS) >= 0.3


@pytest.mark.parametrize("statement", [1, 2, 3])
def test_a_theme_that_returns_is_varied_and_recognised(statement: int) -> None:
    again = varied(TUNE, statement, KEY, METER, Random(4))  # noqa: S311 - music
    assert again != TUNE
    assert varied(TUNE, 0, KEY, METER, Random(4)) == TUNE  # noqa: S311
    pitches = iter(note.pitch for note in again)
    assert all(note.pitch in pitches for note in TUNE)  # in the same order, ornaments between them
    assert all(KEY.contains(note.pitch) for note in again)
    assert all(note.start + note.beats <= after.start + 1e-6 for note, after in pairwise(again))
    assert again[-1].start + again[-1].beats == pytest.approx(8)


def test_a_bridge_leads_the_head_through_the_scale() -> None:
    line = sequence(TUNE, 4, KEY, METER)
    bars = [[note.pitch for note in line if bar * 4 <= note.start < bar * 4 + 4] for bar in range(4)]
    assert bars[0] == [60, 64, 67, 67]
    assert bars[1] == [62, 65, 69, 69]
    assert len(bars[3]) == 1


def test_the_lead_leaves_a_quiet_verse_to_the_singer_and_answers() -> None:
    piece = score(kind=SONG, sections=[section("verse", 0.4), section("chorus", 0.9)])
    verse, chorus = piece.sections
    sung = [note.start for note in piece.vocals[0].notes]
    doubled = [
        any(abs(note.start - start) < 0.05 for start in sung)
        for note in part(piece, "lead").notes
        if note.start < verse.duration - 0.1
    ]
    assert sum(doubled) <= 0.2 * max(1, len(doubled))
    assert any(abs(note.start - chorus.start) < 0.05 for note in part(piece, "lead").notes)


def test_a_solo_is_played_and_not_sung() -> None:
    piece = score(kind=SONG, sections=[section("verse", 0.7), section("guitar solo", 0.8), section("chorus", 0.9)])
    solo = piece.sections[1]
    inside = [note for note in part(piece, "lead").notes if solo.start < note.start < solo.start + solo.duration - 0.5]
    assert len(inside) > 8
    sung = [note.start for note in piece.vocals[0].notes]
    assert not any(solo.start + 0.5 < start < solo.start + solo.duration - 1.5 for start in sung)


@pytest.mark.parametrize(
    ("name", "prompt", "role"),
    [
        ("bridge", "", SectionRole.BRIDGE),
        ("Middle 8", "", SectionRole.BRIDGE),
        ("part 3", "a guitar solo", SectionRole.SOLO),
        ("breakdown", "", SectionRole.QUIET),
        ("drop", "", SectionRole.HOOK),
        ("verse", "big", SectionRole.VERSE),
    ],
)
def test_names_and_prompts_decide_the_role(name: str, prompt: str, role: SectionRole) -> None:
    assert role_of(name, prompt) is role


def test_prompts_change_energy_and_beat() -> None:
    assert energy_of(0.5, "verse", "quiet and sparse") < 0.5
    assert energy_of(0.5, "verse", "BIG finish") > 0.9
    assert energy_of(0.5, "verse", "") == 0.5
    assert is_half_time("verse", "in half-time")
    assert is_half_time("bridge", "")
    assert not is_half_time("verse", "")
