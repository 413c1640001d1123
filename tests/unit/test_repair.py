"""A blueprint that is nearly right becomes the nearest one that is."""

import json
from typing import Any

import pytest
from hypothesis import given

from domain.blueprints.blueprint import to_dict
from domain.blueprints.normalisation import normalised
from domain.blueprints.repair import repaired
from domain.blueprints.review import Change, review, review_text
from domain.blueprints.validation import parse_partial
from domain.errors import Problem
from tests.support.jobs import a_blueprint
from tests.unit.test_one_validator import PARTIAL, SOME, accepted, odd_blueprints


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"tempo_bpm": 7}, {"tempo_bpm": 40}),
        ({"tempo_bpm": 1e9}, {"tempo_bpm": 220}),
        ({"tempo_bpm": 96.6}, {"tempo_bpm": 97}),
        ({"tempo_bpm": "120 BPM"}, {"tempo_bpm": 120}),
        ({"tempo_bpm": True, "mood": "sad"}, {}),
        ({"key": "f-sharp minor"}, {"key": "F#m"}),
        ({"key": "Bb Major\n"}, {"key": "Bb"}),
        ({"key": "bb"}, {"key": "Bb"}),
        ({"key": "am"}, {"key": "Am"}),
        ({"key": "CM"}, {"key": "C"}),
        ({"key": "H"}, {}),
        ({"time_signature": "6 / 8"}, {"time_signature": "6/8"}),
        ({"time_signature": "waltz"}, {}),
        ({"style": "x" * 200}, {"style": "x" * 120}),
        ({"style": ""}, {}),
        ({"id": 7}, {"id": "7"}),
        (
            {"sections": [{"name": "verse", "bars": 0, "energy": "2", "mood": 1}, {"name": "no bars"}, 3]},
            {"sections": [{"name": "verse", "bars": 1, "energy": 1.0}]},
        ),
        ({"sections": [{}]}, {}),
        ({"voice": {"voice_id": "v", "stability": -1, "speaker_boost": "True"}}, None),
        ({"voice": {"stability": 1}}, {}),
        ({"metadata": {"output_kind": "opera", "seed": 2**70, "mine": [1]}}, None),
        ({"metadata": {"analysis": {"notes": 1}, "mine": "x" * 20_000}}, {"metadata": {}}),
        (
            {"metadata": {"vocals": " Lyrics", "soundfont": "0a" * 32}},
            {"metadata": {"vocals": "lyrics", "soundfont": "0a" * 32}},
        ),
        ({"metadata": {"vocals": "opera", "soundfont": "theirs.sf2"}}, {"metadata": {}}),
        ({"metadata": []}, {}),
    ],
)
def test_the_nearest_value_is_taken_and_the_rest_left_out(written: object, meant: dict[str, Any] | None) -> None:
    others = {
        "voice": {"voice": {"voice_id": "v", "stability": 0, "speaker_boost": True}},
        "metadata": {"metadata": {"seed": 2**63 - 1, "mine": [1]}},
    }
    assert isinstance(written, dict)
    assert repaired(written) == (others[next(iter(written))] if meant is None else meant)


@pytest.mark.parametrize("document", [None, 3, "lofi", [], {"lyrics": "a\0"}])
def test_what_is_no_blueprint_has_no_repair(document: object) -> None:
    assert repaired(document) is None


@SOME
@given(odd_blueprints)
def test_every_object_has_a_repair_that_the_schema_admits(document: dict[str, Any]) -> None:
    found = repaired(document)
    assert found is not None
    assert parse_partial(found) == found
    assert PARTIAL.is_valid(json.loads(json.dumps(found)))
    if accepted(document):
        assert found == normalised(document)


def test_a_review_names_what_is_wrong_and_what_became_of_it() -> None:
    plan = {"tempo_bpm": 7, "key": None, "a/b": 1, "sections": [{"name": "verse", "bars": 4}, {}]}
    found = review(plan)
    assert not found.valid
    assert {error.pointer for error in found.errors} == {"/tempo_bpm", "/a~1b", "/sections/1/name", "/sections/1/bars"}
    assert found.changes == (
        Change("/tempo_bpm", "7 became 40"),
        Change("/key", "was left out"),
        Change("/a~1b", "was left out"),
        Change("/sections", "1 of 2 elements were kept"),
    )
    assert found.missing == ("/id", "/style", "/key", "/lyrics", "/voice")


def test_a_complete_blueprint_stays_as_it_is() -> None:
    plan = json.loads(json.dumps(to_dict(a_blueprint())))
    found = review(plan)
    assert (found.valid, found.errors, found.missing, found.repaired, found.changes) == (True, (), (), plan, ())


@pytest.mark.parametrize(
    ("text", "message"), [(b"{", "is not valid JSON"), (b"\xff", "is not valid UTF-8"), (b"[" * 5000, "nested")]
)
def test_a_text_that_is_no_json_is_reviewed_too(text: bytes, message: str) -> None:
    found = review_text(text)
    (error,) = found.errors
    assert isinstance(error, Problem)
    assert (error.pointer, found.valid, found.repaired) == ("", False, None)
    assert message in error.message


@pytest.mark.parametrize("text", [b"", b" null ", b"\xef\xbb\xbf{}"])
def test_an_empty_text_leaves_everything_to_the_service(text: bytes) -> None:
    found = review_text(text)
    assert (found.valid, found.repaired) == (True, {})
