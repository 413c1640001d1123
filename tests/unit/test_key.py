"""Key and spelling: most melodies are assigned their key and their notes, also where tuning slides."""

import msgspec
import numpy as np
import pytest

from domain.music.listening.key import find_key
from domain.music.listening.phrases import phrase_starts
from domain.music.theory.scale import Scale
from tests.support.performances import performance, written
from training.tunes.hearing import Errors, hear
from training.tunes.performance import perform

C_MAJOR = "60:1 62:1 64:1 65:1 67:2 69:1 67:1 65:1 64:1 62:1 71:1 72:2"
A_MINOR = "69:1 71:1 72:1 74:1 76:2 72:1 71:1 69:1 68:1 69:2"


def test_most_keys_are_found() -> None:
    right = relative = 0
    for seed in range(700, 820):
        heard = performance(seed)
        truth = Scale.of(heard.melody.key)
        found = find_key(heard.notes, phrase_starts(heard.notes)).scale
        right += found == truth
        relative += found.relative_major == truth.relative_major
    assert right / 120 >= 0.92
    assert relative / 120 >= 0.95


def test_notes_are_spelt_where_tuning_wanders_and_some_are_sour() -> None:
    right = total = 0
    for seed in range(60):
        rng = np.random.default_rng([seed, 1])
        heard = hear(rng, perform(rng, mode="major"), Errors(), wander_cents=40.0, slide=-130.0)
        found = find_key(heard.notes, phrase_starts(heard.notes)).pitches
        off = [one - other for one, other in zip(found, heard.written, strict=True) if other is not None]
        total += len(off)
        right += off.count(max(set(off), key=off.count))  # a slide leaves open by what the tune is transposed
    assert right / total >= 0.95


@pytest.mark.parametrize("cents", [-130, -60, 0, 60, 130])
def test_a_singer_who_slides_stays_in_key(cents: float) -> None:
    notes = written(" ".join([C_MAJOR] * 3))
    slid = [
        msgspec.structs.replace(note, pitch=note.pitch + cents / 100 * (index / len(notes) - 0.5))
        for index, note in enumerate(notes)
    ]
    found = find_key(slid)
    assert found.scale.name == "C"
    assert list(found.pitches) == [round(note.pitch) for note in notes]


@pytest.mark.parametrize("steps", range(12))
@pytest.mark.parametrize(("tune", "key"), [(C_MAJOR, "C"), (A_MINOR, "Am")])
def test_moves_with_the_melody(tune: str, key: str, steps: int) -> None:
    notes = [msgspec.structs.replace(note, pitch=note.pitch + steps + 0.3) for note in written(tune)]
    found, start = find_key(notes), Scale.of(key)
    assert found.scale == Scale((start.tonic + steps) % 12, start.minor)
    assert found.confidence == pytest.approx(find_key(written(tune)).confidence, abs=0.01)
    assert found.tuning == pytest.approx([30.0] * len(notes), abs=10)


def test_a_clear_key_has_more_confidence_than_a_single_note() -> None:
    assert find_key(written(C_MAJOR)).confidence > 0.8
    assert find_key(written("60:1")).confidence < 0.6


def test_candidates_begin_with_the_key_and_share_the_likelihood() -> None:
    found = find_key(written(C_MAJOR))
    assert [found.candidates[0].key, found.candidates[0].confidence] == ["C", found.confidence]
    shares = [candidate.confidence for candidate in found.candidates]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1.0 + 1e-9
    assert "Am" in {candidate.key for candidate in found.candidates}


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
    assert find_key(written(C_MAJOR), hint=Scale.of(hint)).scale.name == heard
