"""One definition: what the schema says, the API does, and what it accepts, every later stage accepts."""

import json
from typing import Any, Final

import anyio
import jsonschema
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from adapters.mcp import calls
from application.ports.tools import MIX_TOOLS, RENDER_TOOLS, ToolName
from domain.blueprints.blueprint import OutputKind, schema, to_dict
from domain.blueprints.briefing import brief_of
from domain.blueprints.completion import complete
from domain.blueprints.normalisation import normalised
from domain.blueprints.validation import parse, parse_json, parse_partial
from domain.errors import InvalidBlueprint
from domain.jobs.artifacts import Stem
from domain.music.composition.arrangement import compose
from entrypoints.music_tools.tools import build_server
from tests.support.hummed_analyses import hum
from tests.support.our_mcp_server import OurMcpServer

PUBLISHED: Final = jsonschema.Draft202012Validator(schema())
PARTIAL: Final = jsonschema.Draft202012Validator({**schema(), "required": []})
FEW: Final = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SOME: Final = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])

text = some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
unit = some.floats(0, 1)
voice = some.fixed_dictionaries(
    {"voice_id": text},
    optional={"model_id": text, "stability": unit, "similarity_boost": unit, "speaker_boost": some.booleans()},
)
section = some.fixed_dictionaries(
    {"name": text, "bars": some.integers(1, 256)}, optional={"energy": unit, "prompt": text}
)
metadata = some.fixed_dictionaries(
    {},
    optional={
        "output_kind": some.sampled_from(["preview", "song"]),
        "seed": some.integers(-(2**63) + 1, 2**63 - 1),
        "vocals": some.sampled_from(["hum", "lyrics", "both"]),
        "chords": some.lists(some.sampled_from(["Am", "F", "G/B"]), max_size=8),
        "analysis": some.just(msgspec.to_builtins(hum())),
        "mine": some.one_of(text, some.lists(some.integers(), max_size=3)),
    },
)
fields: dict[str, some.SearchStrategy[Any]] = {
    "id": text,
    "style": text,
    "tempo_bpm": some.integers(40, 220),
    "key": some.from_regex(r"[A-G](#|b)?m?", fullmatch=True),
    "time_signature": some.from_regex(r"[1-9][0-9]?/(1|2|4|8|16|32)", fullmatch=True, alphabet="0123456789/"),
    "sections": some.lists(section, min_size=1, max_size=6),
    "lyrics": text,
    "voice": voice,
    "metadata": metadata,
}
partial_blueprints = some.fixed_dictionaries({}, optional=fields)
anything = some.recursive(
    some.one_of(some.none(), some.booleans(), some.integers(-(2**65), 2**65), some.floats(allow_nan=False), text),
    lambda inner: some.one_of(some.lists(inner, max_size=3), some.dictionaries(text, inner, max_size=3)),
    max_leaves=8,
)
odd_blueprints = some.builds(
    lambda plan, name, value: {**plan, name: value}, partial_blueprints, some.sampled_from([*fields, "other"]), anything
)


def accepted(document: object) -> bool:
    try:
        parse_partial(document)
    except InvalidBlueprint:
        return False
    return True


@SOME
@given(some.one_of(partial_blueprints, odd_blueprints))
def test_the_api_accepts_what_the_schema_admits_and_nothing_else(document: dict[str, Any]) -> None:
    tidy = json.loads(json.dumps(normalised(document)))
    assert accepted(document) == PARTIAL.is_valid(tidy) == accepted(tidy)


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The schemas of our tools' arguments."""
    server = build_server(OurMcpServer(tmp_path_factory.mktemp("tools")).studio())
    return {tool.name: tool.input_schema for tool in anyio.run(server.list_tools)}


@FEW
@given(plan=partial_blueprints, kind=some.sampled_from(OutputKind))
def test_every_stage_accepts_what_the_api_accepts(
    plan: dict[str, Any], kind: OutputKind, declared: dict[str, dict[str, Any]]
) -> None:
    fixed = parse_json(json.dumps(plan))
    blueprint = complete(fixed, None, blueprint_id="b", kind=kind, voice_id="hummer", seed=3)
    document = json.loads(json.dumps(to_dict(blueprint)))
    assert PUBLISHED.is_valid(document)
    assert parse(document) == blueprint
    assert refused_by_tools(kind, document, declared) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(partial_blueprints, some.sampled_from(OutputKind))
def test_whatever_is_accepted_can_be_composed(plan: dict[str, Any], kind: OutputKind) -> None:
    blueprint = complete(parse_partial(plan), hum(), blueprint_id="b", kind=kind, voice_id="hummer", seed=3)
    assert compose(brief_of(blueprint, kind)).duration > 0


def refused_by_tools(kind: OutputKind, document: dict[str, Any], declared: dict[str, dict[str, Any]]) -> list[str]:
    """Return the tools whose schemas do not admit the calls that a worker sends about a blueprint."""
    blueprint = parse(document)
    made = {tool: calls.rendering(blueprint, calls.SAMPLE_URL, {}) for tool in RENDER_TOOLS.values()}
    made |= {
        MIX_TOOLS[kind]: calls.mixing(kind, blueprint, {Stem.VOCALS: calls.SAMPLE_URL}, {"audio": calls.SAMPLE_URL})
    }
    made |= {
        ToolName.ANALYZE_HUM: calls.analysis(calls.SAMPLE_URL, {k: v for k, v in document.items() if k != "metadata"})
    }
    sent = {tool: msgspec.json.decode(msgspec.json.encode(call.wanted | call.extras)) for tool, call in made.items()}
    return [
        tool
        for tool, arguments in sent.items()
        if not jsonschema.Draft202012Validator(declared[tool]).is_valid(arguments)
    ]
