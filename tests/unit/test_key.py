"""Key finding: most random melodies are assigned their key, and a hint is followed where it fits."""

import msgspec
import pytest

from domain.music.listening.key import find_key
from domain.music.listening.phrases import phrase_starts
from domain.music.listening.tuning import offset_cents
from domain.music.theory.scale import Scale
from tests.support.performances import performance, written

C_MAJOR = "60:1 62:1 64:1 65:1 67:2 69:1 67:1 65:1 64:1 62:1 71:1 72:2"
A_MINOR = "69:1 71:1 72:1 74:1 76:2 72:1 71:1 69:1 68:1 69:2"


def test_most_keys_are_found() -> None:
    right = relative = 0
    for seed in range(700, 760):
        heard = performance(seed)
        truth = Scale.of(heard.melody.key)
        found = find_key(heard.notes, offset_cents(heard.notes), phrase_starts(heard.notes)).scale
        right += found == truth
        relative += found.relative_major == truth.relative_major
    assert right / 60 >= 0.8
    assert relative / 60 >= 0.88


@pytest.mark.parametrize("steps", range(12))
@pytest.mark.parametrize(("tune", "key"), [(C_MAJOR, "C"), (A_MINOR, "Am")])
def test_moves_with_the_melody(tune: str, key: str, steps: int) -> None:
    notes = [msgspec.structs.replace(note, pitch=note.pitch + steps + 0.3) for note in written(tune)]
    found = find_key(notes, 30.0)
    start = Scale.of(key)
    assert found.scale == Scale((start.tonic + steps) % 12, start.minor)
    assert found.confidence == pytest.approx(find_key(written(tune), 0.0).confidence)


def test_a_clear_key_has_more_confidence_than_a_single_note() -> None:
    assert find_key(written(C_MAJOR), 0.0).confidence > 0.8
    assert find_key(written("60:1"), 0.0).confidence < 0.6


@pytest.mark.parametrize(
    ("hint", "heard"),
    [
        ("C", "C"),
        ("Am", "Am"),  # the same notes
        ("F#", "C"),  # none of them
        ("A", "C"),
        ("Ebm", "C"),
    ],
)
def test_a_hint_is_followed_where_it_fits(hint: str, heard: str) -> None:
    assert find_key(written(C_MAJOR), 0.0, hint=Scale.of(hint)).scale.name == heard
