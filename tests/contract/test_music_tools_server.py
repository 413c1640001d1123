# ruff: noqa: ASYNC240 - the files are a few bytes in a temporary folder
"""Our MCP server as agents and strangers meet it."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.types import CallToolResult
from starlette.responses import PlainTextResponse

from adapters.mcp.client import open_mcp_tools
from application.keys.tokens import new_token
from application.ports.moments_api import MomentsUnavailable
from application.ports.tools import ToolFailed
from application.telemetry import job_id
from domain.blueprints.blueprint import to_dict
from domain.errors import MomentError
from entrypoints.music_tools.bearer_auth import BearerAuth
from entrypoints.music_tools.exposure import require_token, shared_folder
from entrypoints.music_tools.server import streamable_http
from entrypoints.music_tools.tools import build_server
from entrypoints.settings import InvalidSettings
from tests.support.jobs import JOB_ID, a_blueprint
from tests.support.our_mcp_server import TOKEN, OurMcpServer, running
from tests.support.serving import serving

pytestmark = pytest.mark.anyio


async def test_a_wrong_token_is_denied(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(OurMcpServer(tmp_path).app()) as base, open_mcp_tools(f"{base}/mcp", "guess") as tools:
        with pytest.raises(ToolFailed) as denied:
            await tools.ping()
        async with httpx.AsyncClient() as http:
            refusal = await http.post(f"{base}/mcp", json={})
            health = await http.get(f"{base}/healthz")
    assert (denied.value.code, denied.value.permanent) == ("tools_denied", False)
    assert refusal.status_code == 401
    assert refusal.headers["www-authenticate"].startswith("Bearer")
    assert health.status_code == 200
    lines = [record.getMessage() for record in caplog.records if "MCP_AUTH_TOKEN" in record.getMessage()]
    assert lines == ["refused 1 call without the right token (MCP_AUTH_TOKEN)"]
    assert "guess" not in caplog.text
    assert TOKEN not in caplog.text


async def test_calls_without_the_token_are_logged_once_a_minute_with_their_number(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seconds = 0.0
    guarded = BearerAuth(PlainTextResponse("served"), TOKEN, "/healthz", clock=lambda: seconds)
    transport = httpx.ASGITransport(guarded)
    async with httpx.AsyncClient(transport=transport, base_url="http://tools") as http:
        for _ in range(130):  # one a second
            assert (await http.post("/mcp", headers={"Authorization": "Bearer guess"})).status_code == 401
            assert (await http.post("/mcp", headers={"Authorization": f"Bearer {TOKEN}"})).status_code == 200
            seconds += 1.0
    assert [(record.levelno, record.getMessage()) for record in caplog.records if record.name.endswith("_auth")] == [
        (logging.WARNING, "refused 1 call without the right token (MCP_AUTH_TOKEN)"),
        (logging.WARNING, "refused 60 calls without the right token (MCP_AUTH_TOKEN)"),
        (logging.WARNING, "refused 60 calls without the right token (MCP_AUTH_TOKEN)"),
    ]


async def test_a_server_without_a_token_guards_itself_against_rebound_names(tmp_path: Path) -> None:
    async with serving(OurMcpServer(tmp_path).app(token="")) as base, httpx.AsyncClient() as http:
        body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        accept = {"Accept": "application/json, text/event-stream"}
        ours = await http.post(f"{base}/mcp", json=body, headers=accept)
        rebound = await http.post(f"{base}/mcp", json=body, headers={**accept, "Host": "evil.example"})
    assert ours.status_code == 200
    assert rebound.status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "0.0.0.0", "tools.example"])  # noqa: S104 - not bound
async def test_without_a_token_no_address_turns_that_guard_off(tmp_path: Path, host: str) -> None:
    ours = build_server(OurMcpServer(tmp_path).studio())
    app = streamable_http(ours, host=host, token="", is_warm=lambda: True, json_response=True, stateless=True)
    own = f"[{host}]" if ":" in host else host
    async with serving(app) as base, httpx.AsyncClient() as http:

        async def status(name: str, **headers: str) -> int:
            headers |= {"Host": name, "Accept": "application/json, text/event-stream"}
            body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
            return (await http.post(f"{base}/mcp", json=body, headers=headers)).status_code

        assert await status(f"{own}:8080") == await status(own) == await status("localhost:1") == 200
        assert await status("evil.example") == await status(f"{own}.evil.example") == 421
        assert await status("localhost", Origin="https://evil.example") == 403
        assert await status("localhost", Origin="http://localhost:3000") == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "tools.example", ""])  # noqa: S104 - not bound
def test_other_machines_need_a_token(host: str) -> None:
    with pytest.raises(InvalidSettings, match="MCP_AUTH_TOKEN"):
        require_token(host, "")
    require_token(host, TOKEN)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_programs_of_this_machine_need_none(host: str) -> None:
    require_token(host, "")


async def test_an_agent_makes_a_whole_moment(tmp_path: Path) -> None:
    ours = OurMcpServer(tmp_path)
    running_status = {"status": "RENDERING", "terminal": False, "progress": 0.5}
    ours.moments.statuses.insert(0, running_status)
    async with running(ours) as tools:
        wish = {"audio_url": "memory://hum", "blueprint_json": {"style": "lofi"}, "poll_interval_ms": 100}
        more = {"artifacts": ["parts", "pictures"], "output_format": "flac_44100", "retention": "P1D"}
        made = await tools._session.call("create_moment", {**wish, **more}, {}, 10)
        path = {"audio_path": str(tmp_path / "hum.wav")}
        refused = await tools._session.call("create_moment", path, {}, 10)
        ours.moments.statuses = [
            {"status": "FAILED", "terminal": True, "error": {"code": "hum_silent", "message": "?"}}
        ]
        failed = await tools._session.call("create_moment", wish, {}, 10)
    assert (made["status"], made["final_audio_url"]) == ("COMPLETED", "memory://final")
    assert ours.moments.submitted[0] == (b"hum", "hum", '{"style":"lofi"}', "")
    texts = {"artifacts": "parts,pictures", "output_format": "flac_44100", "retention": "P1D"}
    assert ours.moments.fields == [
        {"blueprint_json": '{"style":"lofi"}', **texts},
        {"blueprint_json": '{"style":"lofi"}'},
    ]
    assert (refused["ok"], refused["code"]) == (False, "invalid_arguments")
    assert (failed["ok"], failed["code"], failed["permanent"]) == (False, "hum_silent", True)


async def test_a_recording_may_be_named_by_its_path_in_the_shared_folder(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    (shared / "deep").mkdir(parents=True)
    (shared / "deep" / "my hum.wav").write_bytes(b"mine")
    (shared / "inside.wav").symlink_to(shared / "deep" / "my hum.wav")
    ours = OurMcpServer(tmp_path)
    ours.audio_dir = shared
    async with running(ours) as tools:
        for path in ("deep/my hum.wav", str(shared / "deep" / "my hum.wav"), "deep/../inside.wav"):
            made = await tools._session.call("create_moment", {"audio_path": path}, {}, 10)
            assert made["ok"], path
    names = [(content, name) for content, name, _, _ in ours.moments.submitted]
    assert names == [(b"mine", "my hum.wav"), (b"mine", "my hum.wav"), (b"mine", "inside.wav")]


async def test_no_path_and_no_link_leads_out_of_the_shared_folder(tmp_path: Path) -> None:
    shared, secret = tmp_path / "shared", tmp_path / "secret.wav"
    shared.mkdir()
    secret.write_bytes(b"secret")
    (tmp_path / "shared-too.wav").write_bytes(b"secret")
    (shared / "link.wav").symlink_to(secret)
    (shared / "folder").symlink_to(tmp_path)
    (shared / "circle").symlink_to(shared / "circle")
    (shared / "hard").mkdir()
    outside = ["../secret.wav", str(secret), "link.wav", "folder/secret.wav", "../shared-too.wav", "/proc/self/environ"]
    nothing = ["circle", "hard", ".", "", "missing.wav", "a\0b", "x" * 4000]
    ours = OurMcpServer(tmp_path)
    ours.audio_dir = shared
    async with running(ours) as tools:
        answers = [
            await tools._session.call("create_moment", {"audio_path": path}, {}, 10) for path in (*outside, *nothing)
        ]
    assert {answer.get("code") for answer in answers} == {"invalid_arguments"}
    assert len({answer["message"] for answer in answers[: len(outside)]}) == 1  # it does not say what is there
    assert ours.moments.submitted == []


def test_the_current_folder_is_shared_on_loopback_unless_it_is_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shared_folder("127.0.0.1") == tmp_path
    assert shared_folder("192.168.0.7") is None
    monkeypatch.chdir("/")
    assert shared_folder("127.0.0.1") is None


async def test_a_call_leaves_one_line_with_the_job_of_its_caller(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = list[str]()

    def note_job(line: logging.LogRecord) -> bool:
        if line.msg == "tool served":
            jobs.append(job_id.get())
        return True

    caplog.set_level(logging.INFO)
    monkeypatch.setattr(caplog.handler, "filters", [note_job])
    token = job_id.set(str(JOB_ID))
    async with running(OurMcpServer(tmp_path)) as tools:
        await tools.analyze_hum("memory://hum", hints={}, progress=lambda _: None)
        with pytest.raises(MomentError):
            await tools.analyze_hum("memory://silence", hints={}, progress=lambda _: None)
        job_id.set("")
        await tools.validate_blueprint(a_blueprint())
        await tools._session.call("create_moment", {"audio_url": "memory://hum"}, {}, 10)
    job_id.reset(token)
    lines = [vars(line) for line in caplog.records if line.msg == "tool served"]
    assert [(line["tool"], line["outcome"]) for line in lines] == [
        ("analyze_hum", "ok"), ("analyze_hum", "hum_silent"), ("validate_blueprint", "ok"),
        ("create_moment", "ok"),
    ]  # fmt: skip
    assert jobs == [str(JOB_ID), str(JOB_ID), "", "job-1"]  # the last one is the job that it made


async def test_a_preview_from_a_text_alone_stays_in_the_output_folder(tmp_path: Path) -> None:
    async with running(OurMcpServer(tmp_path)) as tools:
        made = await tools._session.call("synthesize_preview", {"text": "hello", "stability": 0.4}, {}, 10)
        neither = await tools._session.call("synthesize_preview", {}, {}, 10)
        beyond = await tools._session.call("synthesize_preview", {"text": "hello", "stability": 1.4}, {}, 10)
    assert Path(made["output_path"]).read_bytes() == b"nobody + played + mp3_44100_128"
    assert (made["voice_id"], made["output_kind"], made["uploaded"]) == ("hummer", "preview", False)
    assert neither["code"] == beyond["code"] == "invalid_arguments"
    assert "stability" in beyond["message"]


async def test_the_official_client_is_content(tmp_path: Path) -> None:
    seen: list[float] = []

    async def report(progress: float, total: float | None, message: str | None) -> None:
        seen.append(progress)

    async with serving(OurMcpServer(tmp_path).app(token="")) as base, Client(f"{base}/mcp") as client:
        heard = await client.call_tool("analyze_hum", {"audio_url": "memory://hum"}, progress_callback=report)
        failed = await client.call_tool("analyze_hum", {"audio_url": "memory://silence"})
    assert heard.structured_content is not None
    assert heard.structured_content["ok"] is True
    assert seen
    assert failed.is_error
    assert failed.structured_content == {
        "ok": False,
        "message": "the recording is silent",
        "code": "hum_silent",
        "permanent": True,
    }


async def test_agents_are_told_of_the_soundfont_and_that_another_is_not_here(tmp_path: Path) -> None:
    ours, here, elsewhere = OurMcpServer(tmp_path), "0f" * 32, "ab" * 32
    ours.band.soundfont = here

    def blueprint(soundfont: str) -> dict[str, Any]:
        return to_dict(a_blueprint(metadata={"soundfont": soundfont}))

    async with serving(ours.app(token="")) as base, Client(f"{base}/mcp") as client:
        heard = await client.call_tool("analyze_hum", {"audio_url": "memory://hum"})
        played = await client.call_tool("render_instrumental", {"blueprint": blueprint(here)})
        busy = await client.call_tool("render_instrumental", {"blueprint": blueprint(elsewhere)})
    assert heard.structured_content is not None
    assert heard.structured_content["soundfont"] == here
    assert not played.is_error
    assert ours.band.played_with == [here]
    assert busy.is_error
    assert busy.structured_content is not None
    message, delay = (busy.structured_content.pop(name) for name in ("message", "retry_after"))
    assert busy.structured_content == {"ok": False, "code": "tools_busy", "permanent": False}
    assert "MOMENT_SOUNDFONT" in message
    assert delay > 0


@pytest.mark.parametrize("stateless", [True, False])
async def test_an_owner_of_a_key_makes_moments_and_nothing_else(tmp_path: Path, stateless: bool) -> None:
    ours, key = OurMcpServer(tmp_path, stateless=stateless), new_token()
    ours.moments.accepted.add(key)
    ours.audio_dir = tmp_path
    (tmp_path / "theirs.wav").write_bytes(b"hum")
    async with serving(ours.app()) as base, open_agent(f"{base}/mcp", key) as agent:
        made = await agent.call_tool("create_moment", {"audio_url": "memory://hum"})
        rendered = await agent.call_tool("analyze_hum", {"audio_url": "memory://hum"})
        read = await agent.call_tool("create_moment", {"audio_path": "theirs.wav"})
        reviewed = await agent.call_tool("validate_blueprint", {"blueprint": to_dict(a_blueprint())})
    assert not made.is_error
    assert not reviewed.is_error
    assert ours.moments.keys == [key, key]  # of the submission, and of reading its status
    assert [code_of(refused) for refused in (rendered, read)] == ["permission_missing", "invalid_arguments"]


async def test_a_key_that_the_api_does_not_know_is_refused(tmp_path: Path) -> None:
    ours = OurMcpServer(tmp_path)
    async with serving(ours.app()) as base, httpx.AsyncClient() as http:
        headers = {"Authorization": f"Bearer {new_token()}"}
        refused = await http.post(f"{base}/mcp", json={}, headers=headers)
        ours.moments.faults.fail("accepts", MomentsUnavailable("the moments API did not respond"))
        unknown = await http.post(f"{base}/mcp", json={}, headers=headers)
    assert (refused.status_code, unknown.status_code) == (401, 503)
    assert unknown.headers["retry-after"]


async def test_whoever_has_the_token_may_call_everything_and_sends_no_key(tmp_path: Path) -> None:
    ours = OurMcpServer(tmp_path)
    async with serving(ours.app()) as base, open_agent(f"{base}/mcp", TOKEN) as agent:
        made = await agent.call_tool("create_moment", {"audio_url": "memory://hum"})
        heard = await agent.call_tool("analyze_hum", {"audio_url": "memory://hum"})
    assert not made.is_error
    assert not heard.is_error
    assert ours.moments.keys == ["", ""]


async def test_a_key_is_passed_on_where_no_token_is_needed(tmp_path: Path) -> None:
    ours, key = OurMcpServer(tmp_path), new_token()
    async with serving(ours.app(token="")) as base, open_agent(f"{base}/mcp", key) as agent:
        await agent.call_tool("create_moment", {"audio_url": "memory://hum"})
        assert not (await agent.call_tool("analyze_hum", {"audio_url": "memory://hum"})).is_error
    assert ours.moments.keys == [key, key]


@asynccontextmanager
async def open_agent(url: str, token: str) -> AsyncIterator[Client]:
    """Open an agent's client that sends a bearer token."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        create_mcp_http_client(headers=headers) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        yield client


def code_of(result: CallToolResult) -> str:
    assert result.structured_content is not None
    return str(result.structured_content["code"])


async def test_the_listing_is_fit_for_agents(tmp_path: Path) -> None:
    for tool in await build_server(OurMcpServer(tmp_path).studio()).list_tools():
        assert tool.description
        assert tool.annotations is not None
        assert tool.output_schema is not None
        assert "$ref" not in str(tool.input_schema.get("properties", {}).get("blueprint"))
        arguments = tool.input_schema["properties"].values()
        assert not arguments or any("description" in str(argument) for argument in arguments)
