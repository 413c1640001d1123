"""What the doctor sees in tool servers, ours and others, healthy and ill: each ailment is a real one."""

import json
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.mcp.client import open_mcp_tools
from domain.blueprints.blueprint import OutputKind
from domain.jobs.artifacts import Picture, Stem
from entrypoints.doctor.tools import EXPECTED_TOOLS
from tests.support.doctor_run import SECRET, UNREACHABLE, DoctorRun, assert_failed
from tests.support.jobs import a_blueprint
from tests.support.old_mcp_server import ARGUMENTS, old_mcp_server
from tests.support.our_mcp_server import TOKEN, OurMcpServer
from tests.support.raw_server import raw_server
from tests.support.serving import serving

pytestmark = pytest.mark.anyio


@pytest.fixture
def patient(tmp_path: Path) -> DoctorRun:
    return DoctorRun(tmp_path)


async def test_ours(patient: DoctorRun) -> None:
    async with serving(OurMcpServer(patient.folder).app()) as base:
        patient.configure(MCP_BASE_URL=base, MCP_AUTH_TOKEN=TOKEN)
        found = await patient.run()
    assert patient.verdicts("tools", "tools offered", "tool schemas") == ["ok"] * 3
    assert "accepted" in found["tools"].seen


async def test_a_token_that_is_refused(patient: DoctorRun) -> None:
    async with serving(OurMcpServer(patient.folder).app()) as base:
        patient.configure(MCP_BASE_URL=base, MCP_AUTH_TOKEN=SECRET)
        found = await patient.run()
    assert_failed(found["tools"], "rejected our token", "MCP_AUTH_TOKEN")
    assert "tools offered" not in found


async def test_a_server_of_the_original_contract_will_do(patient: DoctorRun) -> None:
    async with old_mcp_server(patient.folder) as old:
        patient.configure(MCP_BASE_URL=f"{old.base_url}/mcp")
        found = await patient.run()
        assert not old.sessions
    assert patient.verdicts("tools", "tools offered", "tool schemas") == ["ok", "warn", "warn"]
    assert "render_vocals" in found["tools offered"].seen
    assert "synthesize_preview lacks output_kind, picture_upload_url, stems, upload_url" in found["tool schemas"].seen


async def test_a_server_without_what_a_moment_takes(patient: DoctorRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ARGUMENTS, "create_song")
    monkeypatch.setitem(ARGUMENTS, "validate_blueprint", ["document"])
    async with old_mcp_server(patient.folder) as old:
        patient.configure(MCP_BASE_URL=f"{old.base_url}/mcp")
        found = await patient.run()
    assert_failed(found["tools offered"], "create_song", "MCP_BASE_URL")
    assert_failed(found["tool schemas"], "validate_blueprint lacks blueprint", "MCP_BASE_URL")


async def test_nobody_there(patient: DoctorRun) -> None:
    patient.configure(MCP_BASE_URL=UNREACHABLE)
    assert_failed((await patient.run())["tools"], "cannot be reached", "moment music-tools")


async def test_one_that_is_silent(patient: DoctorRun) -> None:
    async with raw_server(b"") as (port, _):
        patient.configure(MCP_BASE_URL=f"http://127.0.0.1:{port}")
        assert_failed((await patient.run(0.3))["tools"], "no response within 0.3 s", "MCP_BASE_URL")


MELODY, WAVEFORM = Picture.MELODY, Picture.WAVEFORM


async def test_the_schemas_are_asked_for_what_is_really_sent(tmp_path: Path) -> None:
    sent: dict[str, set[str]] = {}
    tuned = {"voice_id": "v", "stability": 0.5, "similarity_boost": 0.5, "style_exaggeration": 0.5}
    plan = a_blueprint(voice=tuned, metadata={"output_kind": "preview"})
    async with (
        serving(overheard(OurMcpServer(tmp_path).app(), sent)) as base,
        open_mcp_tools(f"{base}/mcp", TOKEN) as tools,
    ):
        await tools.validate_blueprint(plan)
        await tools.analyze_hum("memory://hum", hints={"tempo_bpm": 96}, progress=ignored)
        for step in Stem:
            names = ("audio", "melody", "lead_sheet", "part_lead") if step is Stem.INSTRUMENTAL else ("audio", MELODY)
            targets = dict.fromkeys(names, f"memory://{step}")
            await tools.render_stem(step, plan, audio_url="memory://hum", targets=targets, progress=ignored)
        for kind in OutputKind:
            stems = {step: f"memory://{step}" for step in Stem}
            targets = dict.fromkeys(("audio", WAVEFORM), "memory://final")
            await tools.mix(kind, plan, stems=stems, targets=targets, progress=ignored)
        await tools.encode("memory://final", target="memory://small", output_format="opus_48000_128")
    assert sent == {name: use.required | use.optional for name, use in EXPECTED_TOOLS.items()}


def overheard(app: ASGIApp, sent: dict[str, set[str]]) -> ASGIApp:
    """Write down which arguments each tool is called with."""

    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        async def hear() -> Message:
            message = await receive()
            body = json.loads(message.get("body") or b"{}")
            if body.get("method") == "tools/call":
                sent.setdefault(body["params"]["name"], set()).update(body["params"]["arguments"])
            return message

        await app(scope, hear if scope["type"] == "http" else receive, send)

    return listening


def ignored(_: float) -> None:
    """Progress that nobody looks at."""
