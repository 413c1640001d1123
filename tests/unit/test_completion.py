"""Completing a blueprint: fixed fields win, the analysis decides the rest, and it can be read back."""

from typing import Any

import msgspec
import pytest

from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.completion import complete, suitable_tempo
from domain.blueprints.metadata import read_analysis, read_seed, read_soundfont
from domain.blueprints.validation import parse, parse_partial
from domain.errors import InvalidBlueprint
from domain.music.hum import Analysis
from domain.music.styles.registry import STYLES
from tests.support.hummed_analyses import hum

SOUNDFONT = "0f" * 32


def completed(
    partial: dict[str, Any] | None = None,
    analysis: Analysis | None = None,
    kind: OutputKind = OutputKind.PREVIEW,
    soundfont: str = "",
) -> Blueprint:
    return complete(partial or {}, analysis, blueprint_id="b1", kind=kind, voice_id="me", seed=11, soundfont=soundfont)


def round_trip(blueprint: Blueprint) -> Any:
    """Return the blueprint after a round trip through JSON."""
    return msgspec.json.decode(msgspec.json.encode(blueprint))


def test_the_analysis_decides_what_is_not_fixed() -> None:
    blueprint = completed(analysis=hum(tempo=93.7, key="F#m", time_signature="3/4"))
    assert (blueprint.key, blueprint.tempo_bpm, blueprint.time_signature) == ("F#m", 94, "3/4")
    assert (blueprint.id, blueprint.style, blueprint.voice.voice_id) == ("b1", "cinematic", "me")
    assert blueprint.lyrics


def test_every_fixed_field_wins() -> None:
    fixed: dict[str, Any] = {
        "id": "mine",
        "style": "dusty lo-fi",
        "tempo_bpm": 61,
        "key": "Eb",
        "time_signature": "5/4",
        "sections": [{"name": "all of it", "bars": 3, "energy": 0.2}],
        "lyrics": "la",
        "voice": {"voice_id": "theirs"},
        "metadata": {"seed": 99, "mood": {"rain": True}},
    }
    document = round_trip(completed(fixed, hum()))
    assert {name: document[name] for name in fixed if name != "metadata"} == {
        name: value for name, value in fixed.items() if name != "metadata"
    }
    assert document["metadata"]["seed"] == 99
    assert document["metadata"]["mood"] == {"rain": True}
    assert document["metadata"]["output_kind"] == "preview"


@pytest.mark.parametrize("kind", list(OutputKind))
@pytest.mark.parametrize("analysis", [None, hum(), hum([(4, 57)])], ids=["no hum", "tune", "one note"])
def test_result_is_a_valid_blueprint_without_nulls(kind: OutputKind, analysis: Analysis | None) -> None:
    blueprint = completed(analysis=analysis, kind=kind)
    assert b"null" not in msgspec.json.encode(blueprint)
    assert parse(round_trip(blueprint)) == blueprint


def test_the_soundfont_of_the_tools_is_named_and_replaces_one_that_was_fixed() -> None:
    assert "soundfont" not in completed().metadata
    assert completed(soundfont=SOUNDFONT).metadata["soundfont"] == SOUNDFONT
    theirs = {"metadata": {"soundfont": "ab" * 32}}
    assert read_soundfont(completed(theirs, soundfont=SOUNDFONT).metadata) == SOUNDFONT
    assert read_soundfont(completed(theirs).metadata) == ""


def test_a_soundfont_can_be_refused() -> None:
    blueprint = completed({"metadata": {"soundfont": ""}}, soundfont=SOUNDFONT)
    assert read_soundfont(blueprint.metadata) == ""
    assert parse(round_trip(blueprint)) == blueprint


@pytest.mark.parametrize("named", ["piano.sf2", "AB" * 32, "ab" * 31, "ab" * 32 + "\n", 7, None])
def test_a_soundfont_is_named_by_its_hash(named: object) -> None:
    with pytest.raises(InvalidBlueprint) as refused:
        parse_partial({"metadata": {"soundfont": named}})
    assert [problem.pointer for problem in refused.value.problems] == ["/metadata/soundfont"]


def test_analysis_survives_the_metadata() -> None:
    analysis = hum(loose=0.02, tuning_cents=17)
    blueprint = parse(round_trip(completed(analysis=analysis)))
    assert read_analysis(blueprint.metadata) == analysis
    assert read_seed(blueprint) == 11


def test_a_fixed_analysis_replaces_the_measured_one() -> None:
    own = msgspec.to_builtins(hum(key="Bb", tempo=80))
    assert completed({"metadata": {"analysis": own}}, hum()).key == "Bb"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"key": "H"}, "/metadata/analysis/key"),
        ({"tempo_bpm": 0}, "/metadata/analysis/tempo_bpm"),
        ({"tempo_bpm": "quick"}, "/metadata/analysis/tempo_bpm"),
        ({"time_signature": "four"}, "/metadata/analysis/time_signature"),
        ({"phrases": [3, 1]}, "/metadata/analysis/phrases"),
        ({"phrases": [0, 400]}, "/metadata/analysis/phrases"),
        ({"notes": [[1, 2, 3, 4]]}, "/metadata/analysis/notes/0"),
        (
            {"notes": [{"onset": 0, "duration": 1, "pitch": 300, "loudness": 1}]},
            "/metadata/analysis/notes/0/pitch",
        ),
        (
            {"notes": [{"onset": 0, "duration": "x", "pitch": 60, "loudness": 1}]},
            "/metadata/analysis/notes/0/duration",
        ),
    ],
)
def test_malformed_analysis_is_rejected_with_a_pointer(change: dict[str, Any], pointer: str) -> None:
    document = round_trip(completed(analysis=hum()))
    document["metadata"]["analysis"].update(change)
    with pytest.raises(InvalidBlueprint) as refusal:
        read_analysis(parse(document).metadata)
    assert pointer in [problem.pointer for problem in refusal.value.problems]


def test_every_bad_note_is_reported() -> None:
    document = round_trip(completed(analysis=hum()))
    for index in (2, 5):
        document["metadata"]["analysis"]["notes"][index]["duration"] = 0
    with pytest.raises(InvalidBlueprint) as refusal:
        read_analysis(parse(document).metadata)
    assert [problem.pointer[-12:] for problem in refusal.value.problems] == [
        "s/2/duration",
        "s/5/duration",
    ]


@pytest.mark.parametrize("seed", ["abc", None, 1.5, True, [], {}])
def test_invalid_seeds_become_the_same_number_each_time(seed: object) -> None:
    blueprint = msgspec.structs.replace(completed(), metadata={"seed": seed})
    assert read_seed(blueprint) == read_seed(blueprint)
    assert 0 <= read_seed(blueprint) < 2**32


@pytest.mark.parametrize(
    ("heard", "style", "meter", "tempo"),
    [
        (100.4, "cinematic", "4/4", 100),
        (160, "lofi", "4/4", 80),
        (50, "synthwave", "4/4", 100),
        (160, "lofi", "3/4", 160),
        (160, "lofi", "6/8", 160),
        (30, "cinematic", "4/4", 60),
        (300, "cinematic", "3/4", 150),
        (120, "lofi", "4/4", 70),
        (130, "synthwave", "4/4", 118),
        (50, "cinematic", "3/4", 60),
    ],
)
def test_tempo_is_a_metrical_multiple_where_the_style_needs_it(
    heard: float, style: str, meter: str, tempo: int
) -> None:
    assert suitable_tempo(heard, STYLES[style], meter) == tempo


@pytest.mark.parametrize(
    ("style", "hummed", "key"),
    [("dark lofi", "C", "Am"), ("happy lofi", "Am", "C"), ("lofi", "C", "C"), ("sad", "Dm", "Dm")],
)
def test_moods_turn_to_the_relative_key_unless_a_key_is_fixed(style: str, hummed: str, key: str) -> None:
    analysis = hum(key=hummed)
    assert completed({"style": style}, analysis).key == key
    assert completed({"style": style, "key": "Eb"}, analysis).key == "Eb"


def test_moods_change_the_tempo_unless_one_is_fixed() -> None:
    plain, slow = (completed({"style": style}, hum(tempo=100)).tempo_bpm for style in ("cinematic", "slow cinematic"))
    assert slow == 80 < plain
    assert completed({"style": "slow cinematic", "tempo_bpm": 100}, hum(tempo=100)).tempo_bpm == 100
