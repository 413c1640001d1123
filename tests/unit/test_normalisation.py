"""What clients write differently and mean the same becomes the same."""

from typing import Any

import pytest

from domain.blueprints.fields import MAX_DEPTH
from domain.blueprints.normalisation import normalised
from domain.blueprints.validation import parse_json, parse_partial
from domain.errors import InvalidBlueprint


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"tempo_bpm": 120.0}, {"tempo_bpm": 120}),
        ({"tempo_bpm": 120.5}, {"tempo_bpm": 120.5}),
        ({"key": None, "style": "lofi"}, {"style": "lofi"}),
        ({"voice": {"voice_id": "a", "stability": None}}, {"voice": {"voice_id": "a"}}),
        (
            {"sections": [{"name": "a", "bars": 4.0, "prompt": None}, 3]},
            {"sections": [{"name": "a", "bars": 4}, 3]},
        ),
        ({"metadata": None}, {}),
        ({"metadata": {"output_kind": " Song\n", "mine": None}}, {"metadata": {"output_kind": "song", "mine": None}}),
        ({"metadata": {"vocals": "BOTH "}}, {"metadata": {"vocals": "both"}}),
        ({"metadata": {"seed": 7.0, "huge": 1e300}}, {"metadata": {"seed": 7, "huge": 1e300}}),
        ("text", "text"),
        (None, None),
    ],
)
def test_spellings_become_alike(written: object, meant: object) -> None:
    assert normalised(written) == meant
    assert normalised(meant) == meant


def problems_of(document: object) -> dict[str, str]:
    with pytest.raises(InvalidBlueprint) as refused:
        parse_partial(document)
    return {problem.pointer: problem.message for problem in refused.value.problems}


def nested(levels: int) -> Any:
    document: Any = 0
    for _ in range(levels):
        document = [document]
    return {"metadata": {"a": document}}


def test_deep_nesting_has_a_bound() -> None:
    assert parse_partial(nested(MAX_DEPTH - 2))
    (problem,) = problems_of(nested(MAX_DEPTH - 1)).values()
    assert problem == f"is nested too deeply: at most {MAX_DEPTH} levels"


def test_a_text_without_a_place_in_the_database_is_refused_where_it_is() -> None:
    assert problems_of({"lyrics": "la\0la"}) == {"/lyrics": "has a NUL character"}
    assert problems_of({"metadata": {"a\0": 1}}) == {"/metadata": "has a NUL character"}


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"key": "C\n"}, "/key"),
        ({"time_signature": "4/4\n"}, "/time_signature"),
        ({"lyrics": "l" * 20_001}, "/lyrics"),
        ({"voice": {"voice_id": "v" * 201}}, "/voice/voice_id"),
        ({"voice": {"voice_id": "v", "model_id": ""}}, "/voice/model_id"),
        ({"voice": {"voice_id": None}}, "/voice/voice_id"),
        ({"sections": [{"name": "a", "bars": 1}] * 129}, "/sections"),
        ({"metadata": {"output_kind": "symphony"}}, "/metadata/output_kind"),
        ({"metadata": {"output_kind": None}}, "/metadata/output_kind"),
        ({"metadata": {"vocals": "opera"}}, "/metadata/vocals"),
        ({"metadata": {"vocals": ["hum"]}}, "/metadata/vocals"),
        ({"metadata": {"analysis": None}}, "/metadata/analysis"),
        ({"metadata": {"analysis": {"notes": []}}}, "/metadata/analysis/duration"),
        ({"metadata": {"seed": "seven"}}, "/metadata/seed"),
        ({"metadata": {"seed": 2**63}}, "/metadata/seed"),
        ({"metadata": {"chords": "Am"}}, "/metadata/chords"),
        ({"metadata": {"chords": ["Am", ""]}}, "/metadata/chords/1"),
        ({"metadata": {"melody": {}}}, "/metadata/melody"),
        ({"metadata": {"mine": "x" * 20_000}}, "/metadata"),
        ({"metadata": {f"{number}": [] for number in range(10_000)}}, "/metadata"),
    ],
)
def test_what_a_later_stage_would_refuse_is_refused_at_once(document: object, pointer: str) -> None:
    assert set(problems_of(document)) == {pointer}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not valid JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ('{"tempo_bpm": NaN}', "is not valid JSON: NaN is no number of JSON"),
        ('{"lyrics": "\\ud83d"}', "half of a character"),
        ('{"tempo_bpm": ' + "9" * 5000 + "}", "a number has too many digits"),
        ('{"metadata": {"a": 1e999}}', "a number is out of range"),
        ('{"metadata": {"a": ' + "[" * 985 + "]" * 985 + "}}", "is nested too deeply"),
        ('{"metadata": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}}", "is nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "must be an object"),
        ('"song"', "must be an object"),
    ],
)
def test_json_texts_are_refused_with_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(InvalidBlueprint) as refused:
        parse_json(text)
    assert message in refused.value.problems[0].message


@pytest.mark.parametrize("text", ["", " \n", "null", "{}", "\ufeff{}", "\ufeff"])
def test_nothing_is_fixed_by_an_empty_text(text: str) -> None:
    assert parse_json(text) == {}
