"""Tuning: the offset of singers without a reference pitch."""

import pytest

from domain.music.listening.tuning import offset_cents, tempered
from domain.music.model import HummedNote


def notes(*pitches: float) -> list[HummedNote]:
    return [HummedNote(i, 0.5, pitch, 1.0) for i, pitch in enumerate(pitches)]


@pytest.mark.parametrize("cents", [-49, -30, -1, 0, 12, 45, 49])
def test_finds_a_constant_offset(cents: float) -> None:
    heard = notes(*(pitch + cents / 100 for pitch in (60, 62, 64, 67, 72)))
    assert offset_cents(heard) == pytest.approx(cents, abs=1e-6)
    assert [tempered(note, offset_cents(heard)) for note in heard] == [60, 62, 64, 67, 72]


def test_an_offset_of_half_a_semitone_is_one_place_not_two() -> None:
    heard = notes(60.48, 61.52, 64.49, 66.51)
    assert abs(offset_cents(heard)) == pytest.approx(50, abs=1)
    pitches = [tempered(note, offset_cents(heard)) for note in heard]
    assert [pitch - pitches[0] for pitch in pitches] == [0, 1, 4, 6]


def test_long_notes_count_more() -> None:
    heard = [HummedNote(0, 4.0, 60.2, 1.0), HummedNote(4, 0.1, 62.4, 1.0)]
    assert offset_cents(heard) == pytest.approx(20, abs=1)


def test_no_notes_are_in_tune() -> None:
    assert offset_cents([]) == 0.0
