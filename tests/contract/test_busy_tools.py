"""Busy tools: what agents are told, and how workers wait for their turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx
import pytest
from mcp import Client
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.mcp.client import McpMusicTools, open_mcp_tools
from adapters.mcp.session import _restarting
from application.ports.tools import ToolsBusy, ToolsUnavailable
from tests.support.jobs import a_blueprint
from tests.support.our_mcp_server import TOKEN, OurMcpServer
from tests.support.processes import eventually
from tests.support.serving import serving

pytestmark = pytest.mark.anyio

ADMITTED = 4
"""Of one worker: two run, two wait."""


async def listen_with(tools: McpMusicTools) -> None:
    await tools.analyze_hum("memory://hum", hints={}, progress=lambda _: None)


class Crowd:
    """Our server with one worker, and as many callers as it admits; every call lasts until `end` is set."""

    def __init__(self, folder: Path, **manner: bool) -> None:
        self.ours = OurMcpServer(folder, workers=1, **manner)
        self.end = anyio.Event()
        self.ours.transcriber.faults.before("transcribe", self._hold)

    async def _hold(self, _: Path) -> None:
        await self.end.wait()

    @property
    def begun(self) -> int:
        return len(self.ours.transcriber.faults.calls["transcribe"])

    @asynccontextmanager
    async def calling(self, base: str, token: str = TOKEN) -> AsyncIterator[None]:
        """Let the server be full for the duration of the block."""
        async with open_mcp_tools(f"{base}/mcp", token) as tools, anyio.create_task_group() as callers:
            for _ in range(ADMITTED):
                callers.start_soon(listen_with, tools)
            await self.holds(ADMITTED)
            yield
            self.end.set()

    async def holds(self, calls: int) -> None:
        """Wait until so many calls run or wait."""
        assert self.ours.admission is not None
        await eventually(lambda: self.ours.admission is not None and self.ours.admission._admitted == calls)


@pytest.mark.parametrize("modern", [True, False], ids=["2026", "2025"])
async def test_an_agent_is_told_when_to_try_again(tmp_path: Path, *, modern: bool) -> None:
    crowd = Crowd(tmp_path, modern=modern)
    async with serving(crowd.ours.app(token="")) as base, crowd.calling(base, ""), Client(f"{base}/mcp") as agent:
        busy = await agent.call_tool("analyze_hum", {"audio_url": "memory://hum"})
        valid = await agent.call_tool("validate_blueprint", {"blueprint": {"tempo_bpm": 7}})
        moment = await agent.call_tool("create_moment", {"audio_url": "memory://hum"})
        async with httpx.AsyncClient() as http:
            health = await http.get(f"{base}/healthz")
    assert busy.is_error
    assert busy.structured_content is not None
    delay, message = (busy.structured_content.pop(name) for name in ("retry_after", "message"))
    assert busy.structured_content == {"ok": False, "code": "tools_busy", "permanent": False}
    assert delay > 0
    assert "try again in" in message
    assert valid.structured_content is not None
    assert valid.structured_content["errors"]
    assert valid.structured_content["repaired"] == {"tempo_bpm": 40}
    assert moment.structured_content is not None
    assert moment.structured_content["status"] == "COMPLETED"
    assert health.status_code == 200


@pytest.mark.parametrize("stateless", [True, False], ids=["stateless", "sessions"])
async def test_a_client_waits_until_it_is_admitted(tmp_path: Path, *, stateless: bool) -> None:
    crowd, busy = Crowd(tmp_path, stateless=stateless), anyio.Event()
    async with (
        serving(crowd.ours.app()) as base,
        open_mcp_tools(f"{base}/mcp", TOKEN, on_busy=busy.set) as tools,
        anyio.create_task_group() as callers,
    ):
        await tools.ping()
        known = tools._session._server
        async with crowd.calling(base):
            callers.start_soon(listen_with, tools)
            with anyio.fail_after(20):
                await busy.wait()
            await eventually(lambda: crowd.begun == 2)
        with anyio.fail_after(20):
            await listen_with(tools)
    assert crowd.begun == ADMITTED + 2
    assert tools._session._server is known  # a busy server is not a new one


async def test_waiting_for_a_busy_server_can_be_cancelled(tmp_path: Path) -> None:
    crowd, scope = Crowd(tmp_path), anyio.CancelScope()
    async with (
        serving(crowd.ours.app()) as base,
        crowd.calling(base),
        open_mcp_tools(f"{base}/mcp", TOKEN, on_busy=scope.cancel) as tools,
    ):
        with anyio.fail_after(20), scope:
            await listen_with(tools)
    assert scope.cancelled_caught


MANNERS = {"2026": {}, "2025": {"modern": False}, "2025-json": {"modern": False, "json_response": True}}


@pytest.mark.parametrize("manner", MANNERS.values(), ids=MANNERS)
async def test_clients_that_go_away_leave_the_queue(tmp_path: Path, manner: dict[str, bool]) -> None:
    crowd = Crowd(tmp_path, **manner)
    async with (
        serving(crowd.ours.app()) as base,
        open_mcp_tools(f"{base}/mcp", TOKEN) as tools,
        anyio.create_task_group() as staying,
    ):
        for _ in range(2):
            staying.start_soon(listen_with, tools)
        await crowd.holds(2)
        async with anyio.create_task_group() as leaving:
            for _ in range(2):
                leaving.start_soon(listen_with, tools)
            await crowd.holds(4)
            leaving.cancel_scope.cancel()
        await crowd.holds(2)
        crowd.end.set()
    assert crowd.begun == 2


async def test_a_call_that_had_to_wait_reports_when_it_begins(tmp_path: Path) -> None:
    crowd, seen = Crowd(tmp_path), list[list[float]]()

    async def listen(tools: McpMusicTools) -> None:
        seen.append([])
        await tools.analyze_hum("memory://hum", hints={}, progress=seen[-1].append)

    async with (
        serving(crowd.ours.app()) as base,
        open_mcp_tools(f"{base}/mcp", TOKEN) as tools,
        anyio.create_task_group() as callers,
    ):
        for calls in range(1, 4):
            callers.start_soon(listen, tools)
            await crowd.holds(calls)
        await eventually(lambda: seen == [[0.2], [0.2], []])
        crowd.end.set()
    assert seen == [[0.2, 0.8], [0.2, 0.8], [0.0, 0.2, 0.8]]


async def test_the_time_out_starts_anew_when_the_call_begins() -> None:
    seen = list[float]()
    async with asyncio.timeout(0.1) as clock:
        report = _restarting(clock, 60.0, seen.append)
        report(0.0)
        await asyncio.sleep(0.3)
        report(0.5)
        assert (clock.when() or 0) < asyncio.get_running_loop().time() + 60.0 - 0.2  # only once
    assert seen == [0.0, 0.5]


class Gateway:
    """Stands before our server and refuses requests while `refusal` is set."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.refusal: Response | None = None
        self.refused = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.refusal:
            self.refused += 1
            await self.refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)


@pytest.mark.parametrize(("status", "header"), [(429, {}), (429, {"Retry-After": "0"}), (503, {"Retry-After": "0"})])
async def test_a_gateway_may_be_busy_too(
    tmp_path: Path, status: int, header: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.mcp.busy.DEFAULT_SECONDS", 0.1)
    ours = OurMcpServer(tmp_path, modern=False, stateless=False)
    gateway = Gateway(ours.app())

    def admit() -> None:
        gateway.refusal = None

    async with serving(gateway) as base:
        async with open_mcp_tools(f"{base}/mcp", TOKEN, on_busy=admit) as tools:
            await tools.ping()
            known = tools._session._server
            gateway.refusal = Response(status_code=status, headers=header)
            await listen_with(tools)
            assert tools._session._server is known
            gateway.refusal = Response(status_code=status, headers=header)
            with pytest.raises(ToolsBusy):
                await tools.ping()
            assert tools._session._server is known
        async with open_mcp_tools(f"{base}/mcp", TOKEN, on_busy=admit) as tools:  # busy at the first handshake
            await listen_with(tools)
    assert gateway.refused > 2


async def test_a_gateway_that_does_not_say_when_is_away(tmp_path: Path) -> None:
    gateway = Gateway(OurMcpServer(tmp_path).app())
    gateway.refusal = Response(status_code=503)
    async with serving(gateway) as base, open_mcp_tools(f"{base}/mcp", TOKEN) as tools:
        with pytest.raises(ToolsUnavailable) as away:
            await tools.validate_blueprint(a_blueprint())
    assert away.value.code == "tools_unavailable"
