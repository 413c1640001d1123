"""Real music-tools under load: moments made by many callers at once, each call with a time-out and three attempts."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final, NamedTuple, ParamSpec, TypeVar

import psutil
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.mcp.client import McpMusicTools, open_mcp_tools
from application.ports.tools import ToolName, ToolsUnavailable
from application.telemetry import TelemetryEvent, ToolCalled
from benchmarks.site import STOP_SECONDS, answers, await_that
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.completion import complete
from domain.jobs.artifacts import Stem
from entrypoints.local.children import running_child
from entrypoints.local.network import free_port

P = ParamSpec("P")
T = TypeVar("T")

HUM: Final = Path(__file__).parents[1] / "examples" / "hum.wav"
ATTEMPTS: Final = 3
BACKOFF_SECONDS: Final = 1.0


class Load(NamedTuple):
    """What came of a number of moments.

    Attributes:
        rate: Moments that were made, per second in which the machine's processors were not at work for others.
        failed: Moments that were given up.
        wasted: The share of calls that timed out.
        longest: Seconds of the longest call that succeeded.
    """

    rate: float
    failed: int
    wasted: float
    longest: float


class Objects:
    """The object store of the measurement: what is PUT is kept in memory, `hum` is there from the beginning."""

    def __init__(self) -> None:
        self._stored = {"hum": HUM.read_bytes()}

    async def _body(self, request: Request) -> bytes:
        try:
            return await request.body()
        except ClientDisconnect:  # a call that was given up
            return b""

    def app(self) -> Starlette:
        """Return the application."""
        return Starlette(routes=[Route("/{key:path}", self._serve, methods=["GET", "PUT"])])

    async def _serve(self, request: Request) -> Response:
        key = request.path_params["key"]
        if request.method == "PUT":
            self._stored[key] = await self._body(request)
            return Response(status_code=200)
        return Response(self._stored[key])


class Outcomes:
    """Implements `Telemetry` by counting how calls end."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.longest = 0.0

    def emit(self, event: TelemetryEvent) -> None:
        """Count a call by its error code."""
        if isinstance(event, ToolCalled):
            self.calls[event.error_code] += 1
            self.longest = max(self.longest, event.seconds if not event.error_code else 0.0)

    @property
    def wasted(self) -> float:
        """The share of the accepted calls that were given up."""
        accepted = self.calls.total() - self.calls["tools_busy"]
        return self.calls["tools_unavailable"] / accepted if accepted else 0.0


@contextmanager
def music_tools(folder: Path, workers: int) -> Iterator[str]:
    """Run music-tools while the block lasts; yield its URL."""
    port = free_port()
    environment = {"MUSIC_TOOLS_PORT": str(port), "MUSIC_TOOLS_WORKERS": str(workers), "MOMENT_DATA_DIR": str(folder)}
    environment["EGRESS_ALLOWED_HOSTS"] = "127.0.0.1"  # where the objects are
    with running_child("music-tools", environment, folder / "music-tools.log", STOP_SECONDS):
        await_that(lambda: answers(f"http://127.0.0.1:{port}/healthz"), "music-tools")
        yield f"http://127.0.0.1:{port}/mcp"


async def make_moments(url: str, *, callers: int, moments: int, timeout: float) -> Load:
    """Return what comes of so many moments when each of the callers makes one after the other."""
    outcomes, made, waiting = Outcomes(), list[bool](), iter(range(moments))
    timeouts = {str(tool): timeout for tool in ToolName}
    async with _objects() as base, open_mcp_tools(url, "", timeouts, outcomes) as tools:

        async def call() -> None:
            for number in waiting:
                made.append(await _make(tools, base, str(number)))

        began, others = time.perf_counter(), _seconds_of_others()
        await asyncio.gather(*(call() for _ in range(callers)))
        lost = (_seconds_of_others() - others) / psutil.cpu_count()
        seconds = time.perf_counter() - began - lost
    return Load(sum(made) / seconds, made.count(False), outcomes.wasted, outcomes.longest)


def _seconds_of_others() -> float:
    """Return the processor time that was not ours: of other programs, and of other machines on the same host."""
    whole = psutil.cpu_times()
    busy = whole.user + whole.system + whole.nice + whole.irq + whole.softirq + whole.steal
    us = psutil.Process()
    ours = sum(sum(process.cpu_times()[:4]) for process in (us, *us.children(recursive=True)))  # those that ended, too
    return float(busy - ours)


@asynccontextmanager
async def _objects() -> AsyncIterator[str]:
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(Objects().app(), port=port, log_config=None, lifespan="off", ws="none"))
    serving = asyncio.create_task(server._serve())  # noqa: SLF001 - `serve` would take our signals
    while not server.started:  # noqa: ASYNC110 - it has no event
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


async def _make(tools: McpMusicTools, base: str, name: str) -> bool:
    """Make a moment as a worker does; return whether every call succeeded within its attempts."""
    try:
        blueprint = await _planned(tools, base)
        async with asyncio.TaskGroup() as stems:
            for stem in Stem:
                stems.create_task(_render(tools, blueprint, stem, base, name))
        await _mix(tools, blueprint, base, name)
    except (ToolsUnavailable, ExceptionGroup):
        return False
    return True


async def _planned(tools: McpMusicTools, base: str) -> Blueprint:
    heard = await _attempted(tools.analyze_hum, f"{base}/hum", hints={}, progress=_ignore)
    return complete(
        {}, heard.analysis, blueprint_id="bench", kind=OutputKind.PREVIEW, voice_id="hummer", seed=1, draft=False
    )


async def _render(tools: McpMusicTools, blueprint: Blueprint, stem: Stem, base: str, name: str) -> None:
    targets = {"audio": f"{base}/{name}/{stem}"}
    await _attempted(tools.render_stem, stem, blueprint, audio_url=f"{base}/hum", targets=targets, progress=_ignore)


async def _mix(tools: McpMusicTools, blueprint: Blueprint, base: str, name: str) -> None:
    stems = {stem: f"{base}/{name}/{stem}" for stem in Stem}
    targets = {"audio": f"{base}/{name}/final"}
    await _attempted(tools.mix, OutputKind.PREVIEW, blueprint, stems=stems, targets=targets, progress=_ignore)


async def _attempted(call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    for attempt in range(ATTEMPTS):
        try:
            return await call(*args, **kwargs)
        except ToolsUnavailable:
            if attempt + 1 == ATTEMPTS:
                raise
            await asyncio.sleep(BACKOFF_SECONDS)
    raise AssertionError


def _ignore(_: float) -> None:
    """Ignore progress."""
