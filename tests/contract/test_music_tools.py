"""The MCP client against our server over real HTTP, in every manner of speaking."""

import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import anyio
import msgspec
import pytest

from adapters.audio.children.pool import ChildPool
from adapters.mcp.client import McpMusicTools, open_mcp_tools
from application.ports.speech import SpeechUnavailable
from application.ports.tools import ToolFailed, ToolName, ToolsUnavailable
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.metadata import to_json
from domain.jobs.artifacts import MediaType, Picture, Stem
from domain.jobs.faults import Fault, fault_of
from domain.warnings import WarningCode
from tests.support.fake_studio import sleep_in_a_child
from tests.support.fake_tools import ANALYSIS
from tests.support.jobs import a_blueprint
from tests.support.our_mcp_server import TOKEN, OurMcpServer, running
from tests.support.serving import serving

pytestmark = pytest.mark.anyio

MANNERS = {
    "2026-json-stateless": (True, True, True),
    "2026-events-stateless": (True, False, True),
    "2025-json-stateless": (False, True, True),
    "2025-events-stateless": (False, False, True),
    "2025-json-sessions": (False, True, False),
    "2025-events-sessions": (False, False, False),
}
"""Whether the server knows protocol 2026-07-28, replies in JSON only, keeps no sessions."""


SOME = pytest.mark.parametrize("ours", ["2026-events-stateless", "2025-json-sessions"], indirect=True)


@pytest.fixture(params=MANNERS)
def ours(request: pytest.FixtureRequest, tmp_path: Path) -> OurMcpServer:
    """Our server in each of its manners."""
    modern, json_response, stateless = MANNERS[request.param]
    return OurMcpServer(tmp_path, modern=modern, json_response=json_response, stateless=stateless)


async def test_a_whole_moment(ours: OurMcpServer) -> None:
    blueprint = a_blueprint(metadata={"output_kind": "preview", "analysis": to_json(ANALYSIS)})
    seen: list[float] = []
    async with running(ours) as tools:
        assert all([await tools.offers(tool) for tool in ToolName])
        assert "create_moment" in (await tools._session.server()).tools
        assert await tools.validate_blueprint(blueprint) == []
        heard = await tools.analyze_hum("memory://hum", hints={"tempo_bpm": 96, "lyrics": "la"}, progress=seen.append)
        vocals = await tools.render_stem(
            Stem.VOCALS,
            blueprint,
            audio_url="memory://hum",
            targets={"audio": "memory://v", Picture.MELODY: "memory://pv"},
            progress=seen.append,
        )
        instrumental = await tools.render_stem(
            Stem.INSTRUMENTAL,
            blueprint,
            audio_url="memory://hum",
            targets={"audio": "memory://i", "melody": "memory://m", "part_lead": "memory://lead"},
            progress=seen.append,
            part_type=MediaType.OPUS,
        )
        final = await tools.mix(
            OutputKind.PREVIEW,
            blueprint,
            stems={Stem.VOCALS: "memory://v", Stem.INSTRUMENTAL: "memory://i"},
            targets={"audio": "memory://final", Picture.WAVEFORM: "memory://pf"},
            progress=seen.append,
        )
        await tools.ping()
    assert heard.analysis.key == "C"
    assert len(heard.analysis.notes) == 7
    assert vocals.uploaded
    assert vocals.detail["peak_dbfs"] == -3.0
    assert instrumental.detail["rendered_notes"] > 0
    assert "peak_dbfs" not in instrumental.detail  # silence: minus infinity is no JSON
    assert instrumental.extras == {"melody": 4, "part_lead": 11}
    assert instrumental.chords == tuple(chord.symbol for chord in instrumental.harmony) != ()
    assert [section.name for section in instrumental.form] == [section.name for section in blueprint.sections]
    assert vocals.chords == ()
    assert set(vocals.extras) == {"picture_melody"}
    assert set(final.extras) == {"picture_waveform"}
    assert {ours.transfers.mime_types[f"memory://{name}"] for name in ("pv", "pf")} == {"image/svg+xml"}
    assert final.uploaded
    assert ours.transfers.files["memory://final"] == b"sung from hum + played + mp3_44100_128"
    assert ours.transfers.mime_types["memory://m"] == "audio/midi"
    assert ours.transfers.mime_types["memory://lead"] == "audio/ogg"
    assert all(0 <= done <= 1 for done in seen)
    assert not any(folder.exists() for folder in ours.transfers.workspaces)


async def test_a_warning_of_a_tool_arrives(ours: OurMcpServer) -> None:
    blueprint = a_blueprint(lyrics="la la", metadata={"vocals": "lyrics", "analysis": to_json(ANALYSIS)})
    ours.speaker.faults.fail("speak", SpeechUnavailable("there is none"))
    async with running(ours) as tools:
        hummed, sung = [
            await tools.render_stem(
                Stem.VOCALS, blueprint, audio_url="memory://hum", targets={"audio": "memory://v"}, progress=print
            )
            for _ in range(2)
        ]
    assert [warning.code for warning in hummed.warnings] == [WarningCode.LYRICS_NOT_SUNG]
    assert hummed.warnings[0].pointer == "/lyrics"
    assert sung.warnings == ()


@pytest.mark.parametrize("token", ["", TOKEN], ids=["open", "guarded"])
async def test_every_manner_with_and_without_a_token(ours: OurMcpServer, token: str) -> None:
    async with serving(ours.app(token)) as base:
        async with open_mcp_tools(f"{base}/mcp", token) as tools:
            assert await tools.validate_blueprint(a_blueprint()) == []
        async with open_mcp_tools(f"{base}/mcp", "guess") as tools:
            if token:
                with pytest.raises(ToolFailed) as denied:
                    await tools.validate_blueprint(a_blueprint())
                assert denied.value.code == "tools_denied"
            else:
                assert await tools.validate_blueprint(a_blueprint()) == []


@SOME
@pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")  # aiohttp's advice; it is sent
async def test_a_request_that_is_too_large_is_the_fault_of_its_job(ours: OurMcpServer) -> None:
    async with running(ours) as tools:
        with pytest.raises(ToolFailed, match="too large") as refused:
            await tools.validate_blueprint(msgspec.structs.replace(a_blueprint(), lyrics="la" * 3_000_000))
        assert await tools.validate_blueprint(a_blueprint()) == []
    assert fault_of(refused.value) is Fault.JOB


async def test_progress_arrives_where_replies_are_streams(tmp_path: Path) -> None:
    for modern in (True, False):
        seen: list[float] = []
        async with running(OurMcpServer(tmp_path, modern=modern)) as tools:
            await tools.analyze_hum("memory://hum", hints={}, progress=seen.append)
        assert seen == [0.2, 0.8]


async def test_a_song_without_stems_is_played_from_the_blueprint(tmp_path: Path) -> None:
    async with running(ours := OurMcpServer(tmp_path)) as tools:
        delivery = await tools.mix(
            OutputKind.SONG, a_blueprint(), stems={}, targets={"audio": "memory://song"}, progress=lambda _: None
        )
    assert delivery.uploaded
    assert ours.transfers.files["memory://song"] == b"nobody + played + mp3_44100_128"


@SOME
async def test_tool_failures_keep_code_and_permanence(ours: OurMcpServer) -> None:
    async with running(ours) as tools:
        with pytest.raises(ToolFailed) as silence:
            await tools.analyze_hum("memory://silence", hints={}, progress=lambda _: None)
        with pytest.raises(ToolFailed) as missing:
            await tools.analyze_hum("memory://nothing", hints={}, progress=lambda _: None)
        with pytest.raises(ToolFailed) as refused:
            await tools.analyze_hum("", hints={}, progress=lambda _: None)
    assert (silence.value.code, silence.value.permanent) == ("hum_silent", True)
    assert (missing.value.code, missing.value.permanent) == ("transfer_failed", False)
    assert (refused.value.code, refused.value.permanent) == ("invalid_arguments", True)


async def test_cancelling_the_caller_cancels_the_tool(ours: OurMcpServer) -> None:
    ours.transcriber.hangs = True
    async with running(ours) as tools:
        async with anyio.create_task_group() as callers:
            callers.start_soon(_listen_with, tools)
            await ours.transcriber.called.wait()
            callers.cancel_scope.cancel()
        with anyio.fail_after(5):
            await ours.transcriber.cancelled.wait()
        ours.transcriber.hangs = False
        assert await tools.validate_blueprint(a_blueprint()) == []  # the client lives on


async def test_a_cancelled_call_stops_in_its_child_process(tmp_path: Path, children: ChildPool) -> None:
    ours = OurMcpServer(tmp_path)
    started = tmp_path / "pid"

    async def work(_: Path) -> None:
        await children.run(sleep_in_a_child, started)

    ours.transcriber.faults.before("transcribe", work)
    async with running(ours) as tools:
        async with anyio.create_task_group() as callers:
            callers.start_soon(_listen_with, tools)
            with anyio.fail_after(20):
                while not started.exists() or not started.read_text():
                    await anyio.sleep(0.02)
            callers.cancel_scope.cancel()
        with anyio.fail_after(20):  # it would sleep for a minute
            assert await children.run(os.getpid) == int(started.read_text())  # stopped, and not killed


@SOME
async def test_a_slow_tool_is_given_up_and_stopped(ours: OurMcpServer) -> None:
    ours.transcriber.hangs = True
    async with running(ours, {"analyze_hum": 2.0}) as tools:
        await tools.offers(ToolName.ANALYZE_HUM)  # the time is for the call, not for the way there
        with pytest.raises(ToolsUnavailable, match="did not answer within"):
            await _listen_with(tools)
        with anyio.fail_after(5):
            await ours.transcriber.cancelled.wait()


@SOME
async def test_many_calls_in_flight_on_one_client(ours: OurMcpServer) -> None:
    async with running(ours) as tools:
        async with anyio.create_task_group() as callers:
            for _ in range(20):
                callers.start_soon(_listen_with, tools)
        assert len(ours.transcriber.faults.calls["transcribe"]) == 20


@SOME
async def test_a_restarted_server_is_met_again(ours: OurMcpServer) -> None:
    async with AsyncExitStack() as client:
        async with serving(ours.app()) as base:
            tools = await client.enter_async_context(open_mcp_tools(f"{base}/mcp", TOKEN))
            assert await tools.validate_blueprint(a_blueprint()) == []
        with pytest.raises(ToolsUnavailable):
            await tools.ping()
        async with serving(ours.app(), int(base.rsplit(":", 1)[1])):
            assert await tools.validate_blueprint(a_blueprint()) == []


@SOME
@pytest.mark.parametrize("tool", ["analyze_hum", "render_vocals", "render_instrumental"])
async def test_a_server_of_ours_without_a_tool_is_not_taken_for_a_foreign_one(ours: OurMcpServer, tool: str) -> None:
    ours.lacking = [tool]
    async with running(ours) as tools:
        asks: list[Callable[[], Awaitable[object]]] = [partial(tools.check, kind) for kind in OutputKind]
        asks.append(partial(tools.offers, ToolName(tool)))
        for ask in asks:
            with pytest.raises(ToolFailed, match=tool) as missing:
                await ask()
            assert missing.value.code == "tool_missing"


async def _listen_with(tools: McpMusicTools) -> None:
    await tools.analyze_hum("memory://hum", hints={}, progress=lambda _: None)
