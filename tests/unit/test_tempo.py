"""Beat tracking: of free hums, with hints, and with too few notes."""

import msgspec
import pytest

from domain.music.listening.tempo import find_pulse
from tests.support.performances import performance, written

QUARTERS = "60:1 62:1 64:1 65:1 67:2 65:1 64:1 62:.5 64:.5 62:1 60:2"


def test_most_hums_are_counted_as_they_were_sung() -> None:
    right = in_phase = multiple = 0
    for seed in range(800, 840):
        heard = performance(seed)
        pulse = find_pulse(heard.notes)
        ratio = pulse.tempo_bpm / heard.melody.tempo_bpm
        multiple += min(abs(ratio / factor - 1) for factor in (0.5, 1, 2)) < 0.04
        if abs(ratio - 1) < 0.04:
            right += 1
            beats = (pulse.first_beat - heard.first_beat) * heard.melody.tempo_bpm / 60
            in_phase += abs(beats - round(beats)) < 0.2
    assert right / 40 >= 0.85
    assert multiple / 40 >= 0.95
    assert in_phase / right >= 0.95


@pytest.mark.parametrize("tempo", [62, 75, 88, 100, 113, 126, 138])
def test_finds_an_exact_tempo_exactly(tempo: float) -> None:
    pulse = find_pulse(written(QUARTERS, tempo_bpm=tempo))
    assert pulse.tempo_bpm == pytest.approx(tempo, rel=0.005)
    assert pulse.first_beat == pytest.approx(0.5, abs=0.02)
    assert pulse.confidence > 0.5


def test_time_moves_the_beat_and_nothing_else() -> None:
    notes = written(QUARTERS)
    later = [msgspec.structs.replace(note, onset=note.onset + 3.21) for note in notes]
    pulse, moved = find_pulse(notes), find_pulse(later)
    assert moved.tempo_bpm == pytest.approx(pulse.tempo_bpm, rel=1e-3)
    assert moved.first_beat == pytest.approx(pulse.first_beat + 3.21, abs=0.01)


@pytest.mark.parametrize("hint", [50.0, 100.0, 200.0])
def test_a_hint_that_fits_is_the_tempo(hint: float) -> None:
    pulse = find_pulse(written(QUARTERS), tempo_hint=hint)
    assert pulse.tempo_bpm == hint
    beats = (pulse.first_beat - 0.5) * hint / 60
    assert abs(beats * 2 - round(beats * 2)) < 0.1


@pytest.mark.parametrize("hint", [83.0, 121.0, 73.0])
def test_a_hint_that_the_onsets_contradict_is_ignored(hint: float) -> None:
    assert find_pulse(written(QUARTERS), tempo_hint=hint).tempo_bpm == pytest.approx(100, rel=0.01)


def test_compound_beats_divide_by_three() -> None:
    jig = " ".join(["60:.333333 62:.333333 64:.333333 65:.666667 64:.333333"] * 5 + ["60:1"])
    pulse = find_pulse(written(jig, tempo_bpm=90), compound=True)
    assert pulse.tempo_bpm == pytest.approx(90, rel=0.02)
    assert pulse.first_beat == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("tune", ["60:1", "60:1 62:1"])
def test_two_notes_have_no_tempo(tune: str) -> None:
    notes = written(tune)
    assert find_pulse(notes).confidence == 0.0
    assert find_pulse(notes).first_beat == notes[0].onset
    assert find_pulse(notes, tempo_hint=77.0).tempo_bpm == 77.0


def test_simultaneous_notes_are_accepted() -> None:
    notes = [msgspec.structs.replace(note, onset=1.0) for note in written("60:1 62:1 64:1 65:1")]
    assert 40 <= find_pulse(notes).tempo_bpm <= 220
