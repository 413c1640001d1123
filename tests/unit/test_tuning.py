"""Tuning: the offset of singers without a reference pitch, which may drift."""

import pytest

from domain.music.hum import HummedNote
from domain.music.listening.key import find_key
from domain.music.listening.tuning import mean_tuning, tuning_curve

PITCHES = (60, 62, 64, 65, 67, 69, 71, 72, 67, 64, 60)


def notes(*pitches: float) -> list[HummedNote]:
    return [HummedNote(i * 0.5, 0.5, pitch, 1.0) for i, pitch in enumerate(pitches)]


@pytest.mark.parametrize("cents", [-45, -30, -1, 0, 12, 45])
def test_finds_a_constant_offset(cents: float) -> None:
    heard = notes(*(pitch + cents / 100 for pitch in PITCHES))
    found = find_key(heard)
    curve = tuning_curve(heard, found.pitches, found.tuning)
    assert found.pitches == PITCHES
    assert curve == pytest.approx([cents] * len(PITCHES))
    assert mean_tuning(heard, curve) == pytest.approx(cents)


def test_follows_a_drift() -> None:
    heard = notes(*(pitch + 0.05 * (index - 16) for index, pitch in enumerate(PITCHES * 3)))
    found = find_key(heard)
    curve = tuning_curve(heard, found.pitches, found.tuning)
    assert found.pitches == PITCHES * 3
    assert curve[5:-5] == pytest.approx([5.0 * (index - 16) for index in range(33)][5:-5], abs=4)


def test_a_sour_note_does_not_bend_the_tuning_around_it() -> None:
    heard = notes(*PITCHES[:5], PITCHES[5] + 0.4, *PITCHES[6:])
    found = find_key(heard)
    assert found.pitches == PITCHES
    assert tuning_curve(heard, found.pitches, found.tuning) == pytest.approx([0.0] * len(PITCHES), abs=12)


def test_long_notes_count_more() -> None:
    heard = [HummedNote(0, 4.0, 60.2, 1.0), HummedNote(4, 0.1, 62.4, 1.0)]
    curve = tuning_curve(heard, (60, 62), (20.0, 20.0))
    assert mean_tuning(heard, curve) == pytest.approx(20, abs=1)


def test_no_notes_are_in_tune() -> None:
    assert mean_tuning([], []) == 0.0
