"""Pulse: tempo, beats and bars of free hums, with hints, and with too few notes."""

from itertools import pairwise

import msgspec
import numpy as np
import pytest

from domain.music.hum import HummedNote
from domain.music.listening.analysis import heard_in
from domain.music.listening.key import find_key
from domain.music.listening.phrases import phrase_starts
from domain.music.listening.pulse import Pulse, find_pulse
from tests.support.metre import bars_of, same_bars, same_metre
from tests.support.performances import performance, written
from training.tunes.hearing import Errors, hear
from training.tunes.manner import random_manner
from training.tunes.performance import perform

QUARTERS = "60:1 62:1 64:1 65:1 67:2 65:1 64:1 62:.5 64:.5 62:1 60:2"


def pulse_of(notes: tuple[HummedNote, ...], tempo_hint: float | None = None, signature: str | None = None) -> Pulse:
    phrases = phrase_starts(notes)
    heard = heard_in(find_key(notes, phrases), notes, phrases)
    return find_pulse(notes, heard, tempo_hint=tempo_hint, signature=signature)


def test_most_hums_are_counted_as_they_were_sung() -> None:
    right = in_phase = multiple = downbeats = 0
    for seed in range(800, 860):
        heard = performance(seed)
        pulse = pulse_of(heard.notes)
        ratio = pulse.tempo_bpm / heard.melody.tempo_bpm
        multiple += min(abs(ratio / factor - 1) for factor in (0.5, 1, 2)) < 0.04
        if abs(ratio - 1) < 0.04:
            right += 1
            beats = (pulse.beats[0] - heard.first_beat) * heard.melody.tempo_bpm / 60
            in_phase += abs(beats - round(beats)) < 0.2
            same = pulse.time_signature == f"{heard.melody.beats_per_bar}/4"
            downbeats += same and round(beats) % heard.melody.beats_per_bar == 0
    assert right / 60 >= 0.95
    assert multiple / 60 >= 0.97
    assert in_phase / right >= 0.97
    assert downbeats / right >= 0.93


def test_bars_are_found_where_accents_carry_them() -> None:
    tempi = metres = bars = 0
    for seed in range(5000, 5060):
        rng = np.random.default_rng(seed)
        manner = msgspec.structs.replace(random_manner(rng), accent=0.3, rubato=0.1, pause=0.0)
        take = perform(rng, seconds=16.0, manner=manner)
        notes = hear(rng, take, Errors()).notes
        pulse = pulse_of(notes)
        tempi += abs(pulse.tempo_bpm / take.tempo_bpm - 1) < 0.04
        metres += same_metre(pulse.time_signature, take.time_signature)
        bars += same_bars(
            bars_of(pulse.beats, pulse.time_signature), [take.beats[index] for index in take.downbeats], notes
        )
    assert tempi / 60 >= 0.85
    assert metres / 60 >= 0.87
    assert bars / 60 >= 0.87


@pytest.mark.parametrize("tempo", [62, 75, 88, 100, 113, 126])
def test_finds_an_exact_tempo_exactly(tempo: float) -> None:
    pulse = pulse_of(written(QUARTERS, tempo_bpm=tempo))
    assert pulse.tempo_bpm == pytest.approx(tempo, rel=0.005)
    assert (pulse.beats[0] - 0.5) * tempo / 60 == pytest.approx(round((pulse.beats[0] - 0.5) * tempo / 60), abs=0.03)
    assert pulse.confidence > 0.4
    assert np.diff(pulse.beats) == pytest.approx(60 / tempo, rel=0.01)


@pytest.mark.parametrize("tempo", [138, 150, 190])
def test_a_fast_tempo_is_found_or_its_half(tempo: float) -> None:
    ratio = pulse_of(written(QUARTERS, tempo_bpm=tempo)).tempo_bpm / tempo
    assert min(abs(ratio - 1), abs(ratio - 0.5)) < 0.005


def test_time_moves_the_beat_and_nothing_else() -> None:
    notes = written(QUARTERS)
    later = tuple(msgspec.structs.replace(note, onset=note.onset + 3.21) for note in notes)
    pulse, moved = pulse_of(notes), pulse_of(later)
    assert moved.tempo_bpm == pytest.approx(pulse.tempo_bpm, rel=1e-3)
    assert moved.beats == pytest.approx([beat + 3.21 for beat in pulse.beats], abs=0.01)


def test_beats_follow_a_singer_who_slows_down() -> None:
    tune = " ".join(["60:1 62:1 64:1 65:.5 67:.5"] * 8 + ["60:2"])
    late = {note.onset: 0.5 + (note.onset - 0.5) * (1 + 0.02 * (note.onset - 0.5)) for note in written(tune)}
    notes = tuple(msgspec.structs.replace(note, onset=late[note.onset]) for note in written(tune))
    beats = pulse_of(notes).beats
    lengths = [after - before for before, after in pairwise(beats)]
    assert lengths[-3] > 1.5 * lengths[1]
    assert all(min(abs(beat - note.onset) for beat in beats) < 0.05 for note in notes[::5])


@pytest.mark.parametrize("hint", [50.0, 100.0, 200.0])
def test_a_hint_that_fits_is_the_tempo(hint: float) -> None:
    pulse = pulse_of(written(QUARTERS), hint)
    assert (pulse.tempo_bpm, pulse.confidence) == (hint, 1.0)
    beats = (pulse.beats[0] - 0.5) * hint / 60
    assert abs(beats * 2 - round(beats * 2)) < 0.1
    assert pulse.beats[3] - pulse.beats[2] == pytest.approx(60 / hint, rel=0.02)


@pytest.mark.parametrize("hint", [83.0, 121.0, 73.0])
def test_a_hint_that_the_onsets_contradict_is_ignored(hint: float) -> None:
    assert pulse_of(written(QUARTERS), hint).tempo_bpm == pytest.approx(100, rel=0.01)


def test_candidates_begin_with_the_tempo() -> None:
    pulse = pulse_of(written(QUARTERS))
    assert (pulse.candidates[0].tempo_bpm, pulse.candidates[0].confidence) == (pulse.tempo_bpm, pulse.confidence)
    assert sum(candidate.confidence for candidate in pulse.candidates) <= 1.0 + 1e-9
    assert any(candidate.tempo_bpm == pytest.approx(50, rel=0.02) for candidate in pulse.candidates)


def test_compound_beats_divide_by_three() -> None:
    jig = " ".join(["60:.333333 62:.333333 64:.333333 65:.666667 64:.333333"] * 5 + ["60:1"])
    for signature in (None, "6/8"):
        pulse = pulse_of(written(jig, tempo_bpm=90), signature=signature)
        assert pulse.tempo_bpm == pytest.approx(90, rel=0.02)
        assert pulse.time_signature == "6/8"
        assert pulse.beats[0] == pytest.approx(0.5, abs=0.05)


def test_a_pick_up_comes_before_beat_zero() -> None:
    pulse = pulse_of(written("55:1 60:2 62:1 64:1 65:2 64:1 62:1 67:2 65:1 64:1 60:4"), 100.0, "4/4")
    assert pulse.beats[0] == pytest.approx(1.1, abs=0.02)


def test_a_waltz_is_recognised() -> None:
    notes = written(" ".join(["60:2 62:1 64:2 62:1 60:1 64:1 67:1 65:2 62:1"] * 2 + ["60:3"]))
    assert pulse_of(notes).time_signature == "3/4"


@pytest.mark.parametrize("signature", ["3/4", "7/8", "5/4", "2/2", "12/8", "4/4", "99/99"])
def test_a_fixed_meter_is_kept(signature: str) -> None:
    assert pulse_of(written("60:1 62:1 64:1 65:1 67:2 60:2"), signature=signature).time_signature == signature


@pytest.mark.parametrize("tune", ["60:1", "60:1 62:1"])
def test_two_notes_have_no_tempo(tune: str) -> None:
    notes = written(tune)
    assert (pulse_of(notes).confidence, pulse_of(notes).time_signature) == (0.0, "4/4")
    assert pulse_of(notes).beats[0] == notes[0].onset
    assert pulse_of(notes, 77.0).tempo_bpm == 77.0


def test_simultaneous_notes_are_accepted() -> None:
    notes = tuple(msgspec.structs.replace(note, onset=1.0) for note in written("60:1 62:1 64:1 65:1"))
    assert 40 <= pulse_of(notes).tempo_bpm <= 220
