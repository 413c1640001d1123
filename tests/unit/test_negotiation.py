"""What a server offers, which arguments it gets, and how its answers are read."""

from typing import Any

import msgspec
import pytest

from adapters.mcp.calls import mixing, rendering
from adapters.mcp.event_stream import EventReader
from adapters.mcp.negotiation import Tool, fit, mirrored_headers, mistyped, read_tools
from adapters.mcp.results import heard_hum_of, problems_of, read_result, require_ok, rpc_failure, tool_result_of
from application.ports.tools import HeardHum, ToolFailed, ToolsUnavailable
from domain.blueprints.blueprint import OutputKind
from domain.jobs.artifacts import MediaType, Picture
from tests.support.fake_tools import ANALYSIS
from tests.support.jobs import a_blueprint

WANTED = {"blueprint": {}, "text": "la"}
EXTRAS = {"upload_url": "https://put"}


def a_tool(schema: Any) -> Tool:
    return read_tools([{"name": "mix", "inputSchema": schema}])["mix"]


def test_a_listing_with_strange_entries_is_read() -> None:
    tools = read_tools([{"name": "one"}, {"title": "nameless"}, "not an object", {"name": 3}])
    assert set(tools) == {"one"}


@pytest.mark.parametrize(
    ("schema", "sent"),
    [
        ({"type": "object", "properties": {"blueprint": {}, "upload_url": {}}}, {"blueprint", "upload_url"}),
        ({"type": "object", "properties": {"text": {}}, "additionalProperties": True}, {"text"}),
        ({"type": "object", "properties": {}}, set()),
        ({"type": "object"}, {"blueprint", "text"}),
        ({"type": "object", "additionalProperties": False}, set()),
        (None, {"blueprint", "text"}),
    ],
)
def test_only_declared_arguments_are_sent(schema: Any, sent: set[str]) -> None:
    assert set(fit(a_tool(schema), WANTED, EXTRAS)) == sent


def test_a_server_that_makes_no_stems_of_parts_is_not_asked_for_them() -> None:
    call = rendering(
        a_blueprint(), "https://hum", {"audio": "https://put", "part_lead": "https://lead"}, MediaType.OPUS
    )
    older = a_tool({"properties": {"blueprint": {}, "upload_url": {}, "melody_upload_url": {}}})
    ours = a_tool({"properties": {"blueprint": {}, "part_upload_urls": {}, "part_format": {}}})
    assert set(fit(older, call.wanted, call.extras)) == {"blueprint", "upload_url"}
    sent = fit(ours, call.wanted, call.extras)
    assert (sent["part_upload_urls"], sent["part_format"]) == ({"lead": "https://lead"}, "opus")


def test_a_server_that_draws_no_pictures_is_not_asked_for_them() -> None:
    targets = {"audio": "https://put", Picture.MELODY: "https://melody"}
    call = rendering(a_blueprint(), "https://hum", targets)
    older = a_tool({"properties": {"blueprint": {}, "upload_url": {}}})
    ours = a_tool({"properties": {"blueprint": {}, "upload_url": {}, "picture_upload_url": {}}})
    assert set(fit(older, call.wanted, call.extras)) == {"blueprint", "upload_url"}
    assert fit(ours, call.wanted, call.extras)["picture_upload_url"] == "https://melody"
    mix = mixing(OutputKind.SONG, a_blueprint(), {}, {"audio": "https://put", Picture.WAVEFORM: "https://wave"})
    assert set(fit(older, mix.wanted, mix.extras)) == {"blueprint", "upload_url"}
    assert fit(ours, mix.wanted, mix.extras)["picture_upload_url"] == "https://wave"


def test_arguments_are_mirrored_into_headers_where_the_schema_asks() -> None:
    properties = {"kind": {"type": "string", "x-mcp-header": "Kind"}, "boost": {"x-mcp-header": "Boost"}, "text": {}}
    tool = a_tool({"properties": properties})
    assert mirrored_headers(tool, {"kind": "song", "boost": True, "text": "la"}) == {
        "Mcp-Param-Kind": "song",
        "Mcp-Param-Boost": "true",
    }
    assert mirrored_headers(tool, {"kind": "süß"}) == {"Mcp-Param-Kind": "=?base64?c8O8w58=?="}
    assert mirrored_headers(tool, {}) == {}


@pytest.mark.parametrize(
    "result",
    [
        {"structuredContent": {"ok": True, "bytes": 3}},
        {"structuredContent": {"result": {"ok": True, "bytes": 3}}},
        {"content": [{"type": "text", "text": '{"ok": true, "bytes": 3}'}]},
        {"content": [{"type": "text", "text": '{"ok": true, "bytes": 3}'}], "structuredContent": None},
    ],
)
def test_structured_content_is_found_wherever_it_is(result: dict[str, Any]) -> None:
    assert read_result(result) == {"ok": True, "bytes": 3}


def test_a_failure_keeps_the_tools_own_words() -> None:
    document = {"ok": False, "message": "too quiet", "code": "hum_silent", "permanent": True}
    with pytest.raises(ToolFailed, match="too quiet") as structured:
        require_ok(read_result({"isError": True, "structuredContent": document}))
    assert (structured.value.code, structured.value.permanent) == ("hum_silent", True)
    with pytest.raises(ToolFailed, match="out of credit") as plain:
        require_ok(read_result({"isError": True, "content": [{"type": "text", "text": "out of credit"}]}))
    assert (plain.value.code, plain.value.permanent) == ("tool_failed", False)


def test_an_unfinished_result_is_no_result() -> None:
    unfinished: list[Any] = [None, [], {"resultType": "input_required"}]
    for result in unfinished:
        with pytest.raises(ToolsUnavailable):
            read_result(result)


def test_protocol_errors() -> None:
    assert rpc_failure({"code": -32601, "message": "bad"}).code == "tool_not_offered"
    assert rpc_failure({"code": -32602, "message": "bad"}).code == "invalid_arguments"
    assert rpc_failure({"code": -32603, "message": "bad"}).code == "tool_failed"
    assert isinstance(rpc_failure({"code": -32000, "message": "closed"}), ToolsUnavailable)
    assert isinstance(rpc_failure(None), ToolFailed)


def test_an_invalid_blueprint_is_an_answer_not_a_failure() -> None:
    assert problems_of({"ok": True, "errors": []}) == []
    assert problems_of({"ok": False, "errors": ["/key: is required"]}) == ["/key: is required"]
    assert problems_of({"ok": True}) == []
    with pytest.raises(ToolFailed):
        problems_of({"ok": False, "errors": [], "message": "the schema is missing"})


def test_an_analysis_survives_the_way() -> None:
    heard = {"ok": True, "analysis": msgspec.to_builtins(ANALYSIS)}
    assert heard_hum_of(heard) == HeardHum(ANALYSIS)
    assert heard_hum_of({**heard, "soundfont": "0a" * 32}) == HeardHum(ANALYSIS, "0a" * 32)
    assert heard_hum_of({**heard, "soundfont": "theirs"}) == HeardHum(ANALYSIS)
    with pytest.raises(ToolFailed):
        heard_hum_of({"ok": True})


def test_a_delivery_is_read_tolerantly() -> None:
    delivery = tool_result_of({"output_url": "https://x", "output_path": None, "detail": {"lufs": -14, "codec": "mp3"}})
    assert (delivery.url, delivery.path, delivery.uploaded) == ("https://x", "", False)
    assert delivery.detail == {"lufs": -14.0}
    assert delivery.chords == ()
    with pytest.raises(ToolFailed, match="where"):
        tool_result_of({"ok": True, "bytes": 3})
    with pytest.raises(ToolFailed, match="malformed"):
        tool_result_of({"output_url": 3})


@pytest.mark.parametrize(
    ("sent", "read"), [(["Am", "F"], ("Am", "F")), ([], ()), ("Am", ()), (None, ()), (["C", 7, None], ("C",))]
)
def test_chords_are_optional(sent: object, read: tuple[str, ...]) -> None:
    assert tool_result_of({"uploaded": True, "chords": sent}).chords == read


SECTION = {"name": "intro", "start": 0, "end": 8.5, "bars": 4, "energy": 0.3, "key": "Dm"}


@pytest.mark.parametrize(
    ("sent", "names"),
    [([SECTION], ["intro"]), ([{**SECTION, "mood": "new"}], ["intro"]), ([], []), (None, []), ("intro", []),
     ([SECTION, {"name": "verse"}], []), ([{**SECTION, "bars": "four"}], [])],
)  # fmt: skip
def test_the_form_is_optional(sent: object, names: list[str]) -> None:
    form = tool_result_of({"uploaded": True, "form": sent}).form
    assert [section.name for section in form] == names
    assert all((section.start, section.end, section.key) == (0.0, 8.5, "Dm") for section in form)


CHORD = {"symbol": "Am7", "start": 0, "end": 2.5}


@pytest.mark.parametrize(
    ("sent", "symbols"),
    [([CHORD], ["Am7"]), ([{**CHORD, "colour": "new"}], ["Am7"]), ([], []), (None, []), ("Am7", []),
     ([CHORD, "Am7"], []), ([{**CHORD, "end": "late"}], [])],
)  # fmt: skip
def test_the_times_of_the_chords_are_optional(sent: object, symbols: list[str]) -> None:
    harmony = tool_result_of({"uploaded": True, "harmony": sent}).harmony
    assert [chord.symbol for chord in harmony] == symbols
    assert all((chord.start, chord.end) == (0.0, 2.5) for chord in harmony)


def test_events_are_cut_from_any_chunks() -> None:
    stream = (
        ': hello\r\n\r\nid: 7\nretry: 1500\ndata: {"a":\ndata: "\u2028"}\n\nevent: message\r\ndata: 2\r\n\r\n'.encode()
    )
    whole = EventReader().feed(stream)
    reader = EventReader()
    single = [event for index in range(len(stream)) for event in reader.feed(stream[index : index + 1])]
    assert whole == single
    assert [event.data for event in whole] == [[], ['{"a":', '"\u2028"}'], ["2"]]
    assert (whole[1].id, whole[1].retry) == ("7", 1.5)
    assert whole[2].id == "7"  # the last id stays the last until another comes


def test_arguments_of_another_type_than_the_schema_names_are_noticed() -> None:
    schema = {"properties": {"blueprint": {"type": "string"}, "n": {"type": ["integer", "null"]}, "x": {"anyOf": []}}}
    tool = read_tools([{"name": "t", "inputSchema": schema}])["t"]
    assert mistyped(tool, {"blueprint": {"id": "b"}, "n": 1, "x": 1}) == ["blueprint"]
    assert mistyped(tool, {"blueprint": "b", "n": None}) == []
    assert mistyped(tool, {"n": 1.5}) == ["n"]
