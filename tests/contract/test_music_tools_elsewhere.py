# ruff: noqa: ASYNC240 - the files are a few bytes in a temporary folder
"""The MCP client against servers that are not ours: older, broken, or not there."""

from functools import partial
from pathlib import Path

import anyio
import httpx
import pytest
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.mcp.client import open_mcp_tools
from application.ports.tools import ToolFailed, ToolName, ToolsUnavailable
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.validation import parse
from domain.jobs.artifacts import Stem
from tests.support.jobs import a_blueprint
from tests.support.old_mcp_server import AUDIO, old_mcp_server
from tests.support.our_mcp_server import TOKEN, OurMcpServer
from tests.support.raw_server import raw_server
from tests.support.s3_proxy import drop
from tests.support.serving import serving

pytestmark = pytest.mark.anyio


async def test_a_server_that_is_down_is_unavailable_and_the_client_starts_without_it() -> None:
    async with open_mcp_tools("http://127.0.0.1:9/mcp", TOKEN) as tools:
        with pytest.raises(ToolsUnavailable):
            await tools.offers(ToolName.ANALYZE_HUM)
        with pytest.raises(ToolsUnavailable):
            await tools.validate_blueprint(a_blueprint())


async def test_a_proxy_that_fails_is_unavailable() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await JSONResponse({"error": "bad gateway"}, 502)(scope, receive, send)

    async with serving(broken) as base, open_mcp_tools(f"{base}/mcp") as tools:
        with pytest.raises(ToolsUnavailable, match="502"):
            await tools.offers(ToolName.ANALYZE_HUM)


def redirected(app: ASGIApp, moves: dict[str, str], status: int = 307) -> ASGIApp:
    """Return an application whose paths have moved."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        target = moves.get(scope.get("path", ""))
        await (Response(status_code=status, headers={"Location": target}) if target else app)(scope, receive, send)

    return serve


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_within_the_origin_are_followed(tmp_path: Path, status: int) -> None:
    moves = {"/tools": "/v2/tools", "/v2/tools": "/mcp?from=v2"}
    app = redirected(OurMcpServer(tmp_path).app(), moves, status)
    async with serving(app) as base, open_mcp_tools(f"{base}/tools", TOKEN) as tools:
        assert await tools.offers(ToolName.ANALYZE_HUM)
        assert await tools.validate_blueprint(a_blueprint()) == []


async def test_a_slash_at_the_end_of_our_own_address(tmp_path: Path) -> None:
    async with serving(OurMcpServer(tmp_path).app()) as base, open_mcp_tools(f"{base}/mcp/", TOKEN) as tools:
        assert await tools.offers(ToolName.ANALYZE_HUM)


async def test_the_token_follows_no_redirect_to_another_origin(tmp_path: Path) -> None:
    async with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (port, requests):
        app = redirected(OurMcpServer(tmp_path).app(), {"/mcp": f"http://127.0.0.1:{port}/mcp"})
        async with serving(app) as base, open_mcp_tools(f"{base}/mcp", TOKEN) as tools:
            with pytest.raises(ToolsUnavailable, match=f"redirects to http://127.0.0.1:{port}: set MCP_BASE_URL"):
                await tools.offers(ToolName.ANALYZE_HUM)
        assert requests == []


async def test_redirects_without_end(tmp_path: Path) -> None:
    app = redirected(OurMcpServer(tmp_path).app(), {"/mcp": "/a", "/a": "/mcp"})
    async with serving(app) as base, open_mcp_tools(f"{base}/mcp", TOKEN) as tools:
        with pytest.raises(ToolsUnavailable, match="without end"):
            await tools.offers(ToolName.ANALYZE_HUM)


@pytest.fixture(params=["2024-11-05", "2025-06-18"])
def revision(request: pytest.FixtureRequest) -> str:
    """A protocol revision of the older server."""
    return str(request.param)


async def test_a_server_of_the_original_contract(tmp_path: Path, revision: str) -> None:
    blueprint = a_blueprint()
    async with (
        old_mcp_server(tmp_path, revision=revision, token=TOKEN) as old,
        open_mcp_tools(f"{old.base_url}/mcp", TOKEN) as tools,
    ):
        old.asks_ping = True
        offered = {tool for tool in ToolName if await tools.offers(tool)}
        assert await tools.validate_blueprint(blueprint) == []
        for kind in OutputKind:
            delivery = await tools.mix(
                kind, blueprint, stems={}, targets={"audio": "memory://t"}, progress=lambda _: None
            )
            assert not delivery.uploaded
            assert Path(delivery.path).read_bytes() == AUDIO
            async with httpx.AsyncClient() as http:
                assert (await http.get(delivery.url)).content == AUDIO
        with pytest.raises(ToolFailed) as absent:
            await tools.analyze_hum("memory://hum", hints={}, progress=lambda _: None)
    assert offered == {ToolName.VALIDATE_BLUEPRINT, ToolName.SYNTHESIZE_PREVIEW, ToolName.CREATE_SONG}
    assert absent.value.code == "tool_not_offered"
    preview, song = (arguments for name, arguments in old.arguments if name != "validate_blueprint")
    assert preview["text"] == blueprint.lyrics
    assert preview["voice_id"] == blueprint.voice.voice_id
    assert set(song) == {"blueprint", "music_length_ms"}
    assert (parse(song["blueprint"]), song["music_length_ms"]) == (blueprint, 20_000)
    assert [method for method, _ in old.received].count("tools/list") == 2  # two pages, read once
    assert old.replies
    assert all(reply == {"jsonrpc": "2.0", "id": "ours-1", "result": {}} for reply in old.replies)


async def test_a_lost_session_is_made_anew_and_the_call_repeated(tmp_path: Path) -> None:
    async with old_mcp_server(tmp_path) as old, open_mcp_tools(f"{old.base_url}/mcp") as tools:
        assert await tools.validate_blueprint(a_blueprint()) == []
        old.sessions.clear()
        assert await tools.validate_blueprint(a_blueprint()) == []
        assert len(old.sessions) == 1
    assert not old.sessions  # the client ended it


async def test_a_session_that_is_lost_under_a_call_is_made_anew_and_the_call_repeated(
    tmp_path: Path, revision: str
) -> None:
    async with (
        old_mcp_server(tmp_path, revision=revision) as old,
        open_mcp_tools(f"{old.base_url}/mcp") as tools,
    ):
        await tools.ping()
        (before,) = old.sessions
        old.forgets = True
        with anyio.fail_after(10):
            assert await tools.validate_blueprint(a_blueprint()) == []
        (after,) = old.sessions
    assert after != before
    assert [method for method, _ in old.received].count("initialize") == 2
    assert [method for method, _ in old.received].count("tools/call") == 2


async def test_many_calls_on_a_lost_session_make_one_new_acquaintance(tmp_path: Path) -> None:
    async with old_mcp_server(tmp_path) as old, open_mcp_tools(f"{old.base_url}/mcp") as tools:
        await tools.ping()
        old.sessions.clear()
        async with anyio.create_task_group() as callers:
            for _ in range(10):
                callers.start_soon(tools.validate_blueprint, a_blueprint())
        assert len(old.sessions) == 1
    assert [method for method, _ in old.received].count("initialize") == 2


async def test_a_server_that_names_no_arguments_and_refuses_all_but_its_own_gets_its_own(
    tmp_path: Path, revision: str
) -> None:
    async with (
        old_mcp_server(tmp_path, revision=revision) as old,
        open_mcp_tools(f"{old.base_url}/mcp") as tools,
    ):
        old.describes = False
        for kind in OutputKind:
            stems = {step: f"memory://{step}" for step in Stem}
            delivery = await tools.mix(
                kind, a_blueprint(), stems=stems, targets={"audio": "memory://t"}, progress=lambda _: None
            )
            assert delivery.url
        refused = await tools._session.call("create_song", {"blueprint": {}, "stems": {}}, {}, 10)
    assert (refused["ok"], refused["message"]) == (False, "unknown arguments: stems")


async def test_streams_that_stay_open_do_not_hold_the_client(tmp_path: Path) -> None:
    async with old_mcp_server(tmp_path) as old, open_mcp_tools(f"{old.base_url}/mcp") as tools:
        old.leaves_open = True
        with anyio.fail_after(10):
            assert await tools.validate_blueprint(a_blueprint()) == []


async def test_a_stream_that_breaks_off_is_taken_up_again(tmp_path: Path) -> None:
    async with old_mcp_server(tmp_path) as old, open_mcp_tools(f"{old.base_url}/mcp") as tools:
        old.breaks_off = True
        with anyio.fail_after(10):
            assert await tools.validate_blueprint(a_blueprint()) == []
    assert [name for name, _ in old.arguments] == ["validate_blueprint"]  # resumed, not repeated


def http(status: int, body: bytes, mime_type: str = "application/json") -> ASGIApp:
    """Return a server that says the same to every POST."""
    answer = Response(body, status, media_type=mime_type)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer(scope, receive, send)

    return serve


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, b"<html>a page</html>", "invalid response"),
        (200, b"", "without a response"),
        (200, b"[]", "without a response"),
        (200, b'{"jsonrpc": "2.0", "id": 4711, "result": {}}', "without a response"),
        (202, b"", "without a response"),
        (408, b"", "408"),
        (429, b"{}", "429"),
        (500, b'{"jsonrpc": "2.0", "id": null, "error": {"code": -32603, "message": "?"}}', "500"),
        (503, b"", "503"),
    ],
)
async def test_what_is_no_answer_may_be_one_later(status: int, body: bytes, words: str) -> None:
    async with serving(http(status, body)) as base, open_mcp_tools(f"{base}/mcp") as tools:
        with pytest.raises(ToolsUnavailable, match=words):
            await tools.offers(ToolName.ANALYZE_HUM)


@pytest.mark.parametrize("status", [401, 403])
async def test_being_denied_is_a_matter_of_configuration(status: int) -> None:
    async with serving(http(status, b"{}")) as base, open_mcp_tools(f"{base}/mcp", TOKEN) as tools:
        with pytest.raises(ToolFailed) as denied:
            await tools.offers(ToolName.ANALYZE_HUM)
    assert (denied.value.code, denied.value.permanent) == ("tools_denied", False)
    assert TOKEN not in denied.value.message


async def test_an_event_stream_without_an_answer_is_none() -> None:
    stream = http(200, b": nothing\n\ndata: not json\n\n", "text/event-stream")
    async with serving(stream) as base, open_mcp_tools(f"{base}/mcp") as tools:
        with pytest.raises(ToolsUnavailable, match="invalid response"):
            await tools.offers(ToolName.ANALYZE_HUM)


async def test_a_server_that_closes_the_connection_under_a_call_is_unavailable_and_met_again(tmp_path: Path) -> None:
    async with old_mcp_server(tmp_path) as old:
        breaking = False

        async def moody(scope: Scope, receive: Receive, send: Send) -> None:
            if breaking and scope["type"] == "http":
                await drop(scope, receive, send)
            else:
                await app(scope, receive, send)

        app = old.app()
        async with serving(moody) as base, open_mcp_tools(f"{base}/mcp") as tools:
            await tools.ping()
            breaking = True
            with pytest.raises(ToolsUnavailable, match="closed the connection"):
                await tools.validate_blueprint(a_blueprint())
            breaking = False
            assert await tools.validate_blueprint(a_blueprint()) == []


async def test_a_server_that_never_answers_is_unavailable_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.mcp.session.CONNECT_SECONDS", 0.2)
    async with raw_server(b"") as (port, _), open_mcp_tools(f"http://127.0.0.1:{port}/mcp") as tools:
        for call in (partial(tools.offers, ToolName.ANALYZE_HUM), tools.ping):
            with pytest.raises(ToolsUnavailable, match="did not answer"):
                await call()
