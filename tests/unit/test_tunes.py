"""The generator of tunes: same seed, same take; what it promises of metre, phrases and range; what hearing adds."""

from itertools import pairwise

import msgspec
import numpy as np
import pytest

from domain.music.theory.scale import Scale
from training.tunes.hearing import Errors, hear
from training.tunes.manner import random_manner
from training.tunes.metres import METRES, bar_rhythm
from training.tunes.performance import Performance, perform
from training.tunes.phrases import MODES

SEEDS = range(60)


def take(seed: int) -> Performance:
    return perform(np.random.default_rng(seed))


def test_a_seed_is_a_take() -> None:
    assert take(3) == take(3)
    assert take(3) != take(4)


@pytest.mark.parametrize("seed", SEEDS)
def test_notes_are_in_order_and_on_the_beats_that_are_promised(seed: int) -> None:
    one = take(seed)
    assert all(a.onset + a.duration <= b.onset + 1e-9 and a.beat < b.beat for a, b in pairwise(one.notes))
    assert all(note.duration > 0.02 and 0 < note.loudness <= 1 for note in one.notes)
    assert all(before < after for before, after in pairwise(one.beats))
    assert {after - before for before, after in pairwise(one.downbeats)} <= {METRES[one.time_signature].beats}
    places = np.interp([note.onset for note in one.notes], one.beats, np.arange(len(one.beats)))
    zero = one.downbeats[0] if one.notes[0].beat >= 0 else one.downbeats[0] - _bar_of_first(one)
    off = places - zero - [note.beat for note in one.notes]
    assert abs(np.median(off)) < 0.1
    assert one.notes[-1].onset + one.notes[-1].duration < one.duration


def _bar_of_first(one: Performance) -> int:
    """Return the beat of the first bar line that is kept in `beats`: a pick-up longer than a bar begins before it."""
    first = int(np.floor(one.notes[0].beat))
    size = METRES[one.time_signature].beats
    return size * -(-first // size)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_take_is_in_its_mode_and_a_voice_can_sing_it(seed: int) -> None:
    one = take(seed)
    tonic = Scale.of(one.key).tonic
    inside = [(note.written - tonic) % 12 in MODES[one.mode] for note in one.notes]
    assert np.mean(inside) > 0.8
    assert max(note.written for note in one.notes) - min(note.written for note in one.notes) <= 24
    assert Scale.of(one.key).minor == (4 not in MODES[one.mode])
    assert one.phrases[0] == 0
    assert all(before < after for before, after in pairwise((*one.phrases, len(one.notes))))


def test_slurs_change_the_pitch_and_phrases_begin_a_syllable() -> None:
    slurred = 0
    for seed in SEEDS:
        one = take(seed)
        slurred += sum(note.slurred for note in one.notes)
        assert all(a.written != b.written for a, b in pairwise(one.notes) if b.slurred)
        assert not any(one.notes[first].slurred for first in one.phrases)
    assert slurred > 50


def test_takes_differ_as_tunes_do() -> None:
    takes = [take(seed) for seed in range(200)]
    assert {one.time_signature for one in takes} == set(METRES)
    assert {one.mode for one in takes} == set(MODES)
    tempi = [one.tempo_bpm for one in takes]
    assert min(tempi) < 65
    assert max(tempi) > 150
    assert 0.25 < np.mean([one.notes[0].beat < 0 for one in takes]) < 0.55
    home = [(one.notes[-1].written - Scale.of(one.key).tonic) % 12 == 0 for one in takes]
    assert 0.5 < np.mean(home) < 0.9


def test_accents_mark_bar_lines() -> None:
    rng = np.random.default_rng(1)
    manner = msgspec.structs.replace(random_manner(rng), accent=0.4, uneven=0.03, swell=0.0)
    one = perform(rng, seconds=30.0, manner=manner, time_signature="3/4")
    strong = [note.loudness for note in one.notes if note.beat % 3 == 0]
    weak = [note.loudness for note in one.notes if note.beat % 1]
    assert np.mean(strong) > np.mean(weak) + 0.2


def test_what_is_asked_for_is_performed() -> None:
    one = perform(np.random.default_rng(5), tempo_bpm=96.0, time_signature="5/4", mode="dorian", lowest=60)
    assert (one.time_signature, one.mode) == ("5/4", "dorian")
    assert one.tempo_bpm == pytest.approx(96, rel=0.05)
    assert min(note.written for note in one.notes) >= 58


@pytest.mark.parametrize("signature", METRES)
def test_rhythms_fill_their_bars(signature: str) -> None:
    rng = np.random.default_rng(2)
    metre = METRES[signature]
    for _ in range(50):
        assert sum(bar_rhythm(rng, metre, 100.0, 0.4)) == pytest.approx(metre.beats)


def test_hearing_without_errors_keeps_every_note() -> None:
    one = take(8)
    heard = hear(np.random.default_rng(1), one, Errors(0.0, 0.0, 0.0), wander_cents=0.0)
    assert heard.written == tuple(note.written for note in one.notes)
    assert [note.onset for note in heard.notes] == pytest.approx([note.onset for note in one.notes])


def test_hearing_misses_and_invents_notes() -> None:
    one = perform(np.random.default_rng(9), seconds=120.0)
    heard = hear(np.random.default_rng(1), one, Errors(missed=0.2, false=0.1))
    false = heard.written.count(None)
    assert 0.03 * len(one.notes) < false < 0.2 * len(one.notes)
    assert len(heard.notes) - false < 0.9 * len(one.notes)
    assert all(a.onset <= b.onset for a, b in pairwise(heard.notes))
