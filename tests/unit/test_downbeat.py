"""Downbeats: where bars begin, pick-ups included, and whether they have three beats or four."""

from domain.music.listening.downbeat import find_bars
from domain.music.listening.phrases import phrase_starts
from domain.music.listening.tempo import Pulse
from tests.support.performances import performance, written

PULSE = Pulse(100.0, 0.5, 1.0)


def test_most_bars_are_found() -> None:
    meters = downbeats = 0
    for seed in range(900, 960):
        heard = performance(seed)
        pulse = Pulse(heard.melody.tempo_bpm, heard.first_beat, 1.0)
        bars = find_bars(heard.notes, pulse, phrase_starts(heard.notes))
        meters += bars.beats == heard.melody.beats_per_bar
        off = (bars.first_beat - heard.first_beat) * heard.melody.tempo_bpm / 60
        downbeats += bars.beats == heard.melody.beats_per_bar and abs(off) < 0.1
    assert meters / 60 >= 0.9
    assert downbeats / 60 >= 0.85


def test_a_pick_up_comes_before_beat_zero() -> None:
    notes = written("55:1 60:2 62:1 64:1 65:2 64:1 62:1 67:2 65:1 64:1 60:4")
    bars = find_bars(notes, PULSE, (0,))
    assert (bars.beats, round(bars.first_beat, 3)) == (4.0, 1.1)


def test_a_waltz_is_recognised() -> None:
    notes = written(" ".join(["60:2 62:1 64:2 62:1 60:1 64:1 67:1 65:2 62:1"] * 2 + ["60:3"]))
    assert find_bars(notes, PULSE, (0,)).beats == 3.0


def test_without_clear_evidence_bars_have_four_beats() -> None:
    assert find_bars(written("60:1 62:1 64:1 65:1 67:1"), PULSE, (0,)).beats == 4.0
    assert find_bars(written("60:1"), PULSE, (0,)).beats == 4.0


def test_a_fixed_meter_is_kept() -> None:
    notes = written("60:1 62:1 64:1 65:1 67:2 60:2")
    assert [find_bars(notes, PULSE, (0,), beats).beats for beats in (3.0, 3.5, 5.0)] == [3.0, 3.5, 5.0]
