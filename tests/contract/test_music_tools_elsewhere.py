# ruff: noqa: ASYNC240 - the files are a few bytes in a temporary folder
"""The MCP client against servers that are not ours: older, broken, or not there."""

from pathlib import Path

import anyio
import httpx
import pytest
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from adapters.mcp.client import open_mcp_tools
from application.ports import ToolFailed, ToolsUnavailable
from domain.artifacts import OutputKind
from domain.blueprint import parse
from tests.support.jobs import a_blueprint
from tests.support.old_mcp_server import AUDIO, old_mcp_server
from tests.support.our_mcp_server import TOKEN
from tests.support.serving import serving

pytestmark = pytest.mark.anyio


async def test_a_server_that_is_down_is_unavailable_and_the_client_starts_without_it() -> None:
    async with open_mcp_tools("http://127.0.0.1:9/mcp", TOKEN) as tools:
        with pytest.raises(ToolsUnavailable):
            await tools.offered()
        with pytest.raises(ToolsUnavailable):
            await tools.validate_blueprint(a_blueprint())


async def test_a_proxy_that_fails_is_unavailable() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await JSONResponse({"error": "bad gateway"}, 502)(scope, receive, send)

    async with serving(broken) as base, open_mcp_tools(f"{base}/mcp") as tools:
        with pytest.raises(ToolsUnavailable, match="502"):
            await tools.offered()


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
        offered = await tools.offered()
        assert await tools.validate_blueprint(blueprint) == []
        for kind in OutputKind:
            delivery = await tools.mix(kind, blueprint, stems={}, target="memory://t", progress=lambda _: None)
            assert not delivery.uploaded
            assert Path(delivery.path).read_bytes() == AUDIO
            async with httpx.AsyncClient() as http:
                assert (await http.get(delivery.url)).content == AUDIO
        with pytest.raises(ToolFailed) as absent:
            await tools.analyze_hum("memory://hum", hints={}, progress=lambda _: None)
    assert offered == {"validate_blueprint", "synthesize_preview", "create_song", "create_moment"}
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
