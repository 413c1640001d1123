"""Validation of blueprints, and the schema that is published."""

import json
from typing import Any

import jsonschema
import pytest

from domain.blueprints.blueprint import Blueprint, schema, to_dict
from domain.blueprints.validation import parse, parse_partial
from domain.errors import InvalidBlueprint, Problem
from tests.support.jobs import a_blueprint

VALID: dict[str, Any] = json.loads(json.dumps(to_dict(a_blueprint())))


def pointers(document: object) -> set[str]:
    with pytest.raises(InvalidBlueprint) as refused:
        parse(document)
    return {problem.pointer for problem in refused.value.problems}


def test_every_problem_is_named_at_once() -> None:
    document = {"tempo_bpm": 900, "key": "H", "sections": [{"name": "", "bars": 1}, {"bars": 1}], "surprise": 1}
    found = pointers({**VALID, **document})
    assert found == {"/tempo_bpm", "/key", "/sections/0/name", "/sections/1/name", "/surprise"}


@pytest.mark.parametrize(
    ("document", "pointer", "message"),
    [
        ({"key": "H"}, "/key", "must be a key such as C, F#m or Bb"),
        ({"time_signature": "waltz"}, "/time_signature", "must be a time signature such as 4/4 or 6/8"),
        ({"tempo_bpm": "100"}, "/tempo_bpm", "must be a whole number from 40 to 220, not a text"),
        ({"tempo_bpm": 900}, "/tempo_bpm", "must be a whole number from 40 to 220"),
        ({"style": "x" * 121}, "/style", "must be a text of 1 to 120 characters"),
        ({"sections": "verse"}, "/sections", "must be a list of 1 to 128 elements, not a text"),
        ({"sections": [{"name": "a", "bars": 4, "energy": 2}]}, "/sections/0/energy", "must be a number from 0 to 1"),
        ({"sections": [{"name": "a", "bars": 4, "prompt": 2}]}, "/sections/0/prompt",
         "must be a text of at most 10000 characters, not a number"),
        ({"voice": {"voice_id": "a", "speaker_boost": "yes"}}, "/voice/speaker_boost",
         "must be true or false, not a text"),
        ({"metadata": {"output_kind": "opera"}}, "/metadata/output_kind", "must be preview or song"),
        ({"metadata": {"vocals": "opera"}}, "/metadata/vocals", "must be hum, lyrics or both"),
        ({"metadata": {"chords": ["Am", ""]}}, "/metadata/chords/1", "must be a text of 1 to 16 characters"),
        ({"metadata": {"analysis": {}}}, "/metadata/analysis/duration", "is required"),
        ({"metadata": {"analysis": 3}}, "/metadata/analysis", "must be an object, not a number"),
    ],
)  # fmt: skip
def test_problems_are_said_in_plain_words(document: dict[str, Any], pointer: str, message: str) -> None:
    with pytest.raises(InvalidBlueprint) as refused:
        parse_partial(document)
    assert refused.value.problems == [Problem(pointer, message)]


@pytest.mark.parametrize("field", ["id", "style", "tempo_bpm", "key", "sections", "lyrics", "voice"])
def test_required_fields_are_required_in_a_whole_and_not_in_a_part(field: str) -> None:
    document = {name: value for name, value in VALID.items() if name != field}
    assert pointers(document) == {f"/{field}"}
    assert parse_partial(document) == document


WRONG: list[tuple[str, Any]] = [
    ("id", ""), ("id", "x" * 129), ("style", ""), ("tempo_bpm", 39), ("tempo_bpm", 221), ("tempo_bpm", 90.5),
    ("key", "C#b"), ("key", "c"), ("time_signature", "0/4"), ("time_signature", "4"), ("sections", []),
    ("sections", {}), ("lyrics", ""), ("voice", None), ("voice", {"voice_id": ""}), ("metadata", []),
    ("voice", {"voice_id": "a", "stability": 1.1}), ("sections", [{"name": "a", "bars": 257}]),
    ("sections", [{"name": "a", "bars": 4, "energy": -0.1}]), ("tempo_bpm", None),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_the_parser_and_the_published_schema_reject_the_same(field: str, value: object) -> None:
    document = {**VALID, field: value}
    assert all(pointer.startswith(f"/{field}") for pointer in pointers(document))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema())


def test_the_parser_and_the_published_schema_accept_the_same() -> None:
    full = {
        **VALID,
        "time_signature": "6/8",
        "sections": [{"name": "a", "bars": 256, "energy": 1, "prompt": "wide"}],
        "voice": {"voice_id": "v", "stability": 0, "similarity_boost": 1.0, "speaker_boost": False},
        "metadata": {"anything": [1, {"goes": None}]},
    }
    jsonschema.validate(full, schema())
    assert isinstance(parse(full), Blueprint)


def test_nothing_is_written_as_null() -> None:
    assert "null" not in json.dumps(to_dict(parse(VALID)))


@pytest.mark.parametrize("document", [None, [], "text", 3])
def test_what_is_not_an_object_is_rejected(document: object) -> None:
    assert pointers(document) == {""}


def test_pointers_are_escaped() -> None:
    assert pointers({**VALID, "a/b~c": 1}) == {"/a~1b~0c"}
