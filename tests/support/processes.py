"""The whole service as separate processes, for tests that kill and stop them: api, workers, store, music tools."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import anyio
import asyncpg
import httpx
import msgspec

from adapters.postgres.dsn import normalise
from domain.jobs.artifacts import Artifact
from domain.jobs.job import Job
from entrypoints.local.network import free_port
from tests.support.chaos_stores import ChaosStore, FolderStore
from tests.support.chaos_tools import Call
from tests.support.faulty_app import OUTAGE
from tests.support.housekeeping import is_of_no_job
from tests.support.up import unconfigured

ROOT: Final = Path(__file__).parents[2]
LEASE: Final = 3.0
"""Seconds; the shortest that settings allow."""
PATIENCE: Final = 30.0
WAV: Final = b"RIFF\x24\x00\x00\x00WAVEfmt "
OUTCOMES: Final = ("answered", "failed", "cancelled")
ROWS: Final = (
    "SELECT document, attempt, lease_token, lease_expires_at IS NOT NULL AS held, errors, crashes, breaks"
    " FROM moment.jobs"
)


class Row(msgspec.Struct, frozen=True):
    """A job's row in Postgres."""

    job: Job
    attempt: int
    token: int
    held: bool
    errors: int
    crashes: int
    breaks: int

    @property
    def artifacts(self) -> list[Artifact]:
        """Return everything that the row points to."""
        settled = self.job.checkpoints.values()
        stems = [artifact for point in settled for artifact in (point.artifact, *point.extras.values())]
        return [artifact for artifact in (self.job.request.original, *stems, self.job.final) if artifact]


class Process:
    """A Python module that runs as a process and logs to a file."""

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as sink:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *arguments], env=environment, stdout=sink, stderr=sink, cwd=log.parent
            )

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def children(self) -> list[int]:
        """Return the ids of its child processes."""
        return [
            int(child) for child in Path(f"/proc/{self.process_id}/task/{self.process_id}/children").read_text().split()
        ]

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(PATIENCE)

    async def ended(self, patience: float = PATIENCE) -> int:
        """Wait for its exit code."""
        await eventually(lambda: not self.alive, patience)
        return self._process.wait(PATIENCE)


class ServiceProcesses:
    """The processes of one service, and access to what they write.

    Args:
        folder: Where they write; every process has it in its environment or arguments.
        database_url: A migrated database.
        faults: The share of tool calls and object requests that fail, by `seed`.
        store: The kind of object store.
        real_tools: Whether the music tools are our own process, which really renders; then there is no log of calls.
        settings: Additional environment of api and workers.

    Attributes:
        store: The object store, without faults for the tests.
    """

    def __init__(
        self,
        folder: Path,
        database_url: str,
        *,
        faults: float = 0.0,
        seed: str = "",
        store: type[ChaosStore] = FolderStore,
        real_tools: bool = False,
        **settings: str,
    ):
        self.folder = folder
        self.data_dir = folder / "data"
        self.workers: list[Process] = []
        self._commands: list[Process] = []
        self.database = normalise(database_url).url
        objects, tools, api = free_port(), free_port(), free_port()
        self._ports = [objects, tools, api]
        objects_url, self.api_url = f"http://127.0.0.1:{objects}", f"http://127.0.0.1:{api}"
        self.store = store(self.data_dir, objects_url)
        self._environment = _environment() | {
            "DATABASE_URL": database_url,
            "MCP_BASE_URL": f"http://127.0.0.1:{tools}/mcp",
            "PUBLIC_URL": objects_url,
            "MOMENT_PORT": str(api),
            "MUSIC_TOOLS_PORT": str(tools),
            "MOMENT_DATA_DIR": str(self.data_dir),
            "MOMENT_LEASE_SECONDS": str(LEASE),
            "MOMENT_POLL_SECONDS": "0.2",
            **self.store.environment,
            **settings,
        }
        plan = [str(faults), seed]
        self._objects = self._run("objects", self.store.process, str(self.data_dir), str(objects), *plan)
        fake_tools = ["tests.support.chaos_tools", str(folder), str(tools), *plan]
        self._tools_arguments = ["entrypoints.cli", "music-tools"] if real_tools else fake_tools
        self._tools = self._run("tools", *self._tools_arguments)
        self.api = self._run("api", "entrypoints.cli", "api")

    async def listening(self) -> None:
        """Wait until everything but workers takes connections."""
        for port in self._ports:
            await eventually(partial(_listens, port))

    def worker(self, **settings: str) -> Process:
        """Start another worker."""
        name = f"worker-{len(self.workers) + 1}"
        self.workers.append(self._run(name, "entrypoints.cli", "worker", **settings))
        return self.workers[-1]

    def command(self, *arguments: str, **settings: str) -> Process:
        """Start another command of the service, such as a second api."""
        name = f"command-{len(self._commands) + 1}"
        self._commands.append(self._run(name, "entrypoints.cli", *arguments, **settings))
        return self._commands[-1]

    def stop_tools(self) -> None:
        """Kill the music tools; what they were doing counts as cancelled."""
        self._tools.kill()
        ended = Counter((call.tool, call.job, call.token) for what in OUTCOMES for call in self.calls(what=what))
        with (self.folder / "calls.jsonl").open("ab") as call_log:
            for call in self.calls():
                key = (call.tool, call.job, call.token)
                ended[key] -= 1
                if ended[key] < 0:
                    call_log.write(msgspec.json.encode(msgspec.structs.replace(call, what="cancelled")) + b"\n")

    @property
    def tools_log(self) -> str:
        """Return what the music tools have logged since they were last started."""
        return self._tools.log

    async def replace_tools(self) -> Process:
        """Stop the music tools and their children, as a service manager does, and start others; return the former."""
        former = self._tools
        for process_id in [former.process_id, *former.children]:
            os.kill(process_id, signal.SIGTERM)
        await former.ended(2 * PATIENCE)
        self.start_tools()
        return former

    @asynccontextmanager
    async def kept_tools(self) -> AsyncIterator[None]:
        """Start the music tools again whenever they die in the block; after it, they run."""
        async with anyio.create_task_group() as keeping:
            keeping.start_soon(self._keep_tools)
            yield
            keeping.cancel_scope.cancel()
        self._revive_tools()

    async def _keep_tools(self) -> None:
        while True:
            self._revive_tools()
            await anyio.sleep(0.05)

    def _revive_tools(self) -> None:
        if not self._tools.alive:
            self.stop_tools()
            self.start_tools()

    def start_tools(self, **settings: str) -> None:
        """Start the music tools again: as before, or what `CHAOS_VARIANT` and `CHAOS_TOKEN` say."""
        self._tools = self._run("tools", *self._tools_arguments, **settings)

    @contextmanager
    def outage(self, way: str) -> Iterator[None]:
        """Let every request to the object store fail in the block, as `FaultyApp` says."""
        self.data_dir.mkdir(exist_ok=True)
        file = self.data_dir / OUTAGE
        file.write_text(way)
        try:
            yield
        finally:
            file.unlink()

    def _run(self, name: str, *arguments: str, **settings: str) -> Process:
        return Process(list(arguments), self._environment | settings, self.folder / f"{name}.log")

    async def submit(self, hum: str | bytes = "", lyrics: str = "", kind: str = "", webhook: str = "") -> str:
        """Send a hum, a whole file or one of its own for a text; return the job's id."""
        fields = {"blueprint_json": msgspec.json.encode({"lyrics": lyrics}).decode()} if lyrics else {}
        fields |= {"output_kind": kind} if kind else {}
        fields |= {"webhook": webhook} if webhook else {}
        files = {"file": ("hum", hum if isinstance(hum, bytes) else WAV + hum.encode())}
        answer = (await self.ask("POST", "/v1/create-moment", files=files, data=fields)).raise_for_status()
        return str(answer.json()["job_id"])

    async def ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        """Send the api a request."""
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False, verify=False) as http:  # noqa: S501 - no TLS here
            return await http.request(method, self.api_url + path, **content)

    async def query(self, statement: str, *arguments: object) -> list[Any]:
        """Return rows, over a connection of their own."""
        connection: Any = await asyncpg.connect(self.database, timeout=5, command_timeout=10)
        try:
            rows: list[Any] = await connection.fetch(statement, *arguments)
            return rows
        finally:
            await connection.close()

    async def rows(self) -> dict[str, Row]:
        """Return all jobs by id."""
        found = await self.query(ROWS)
        rows = [Row(msgspec.json.decode(row["document"], type=Job), *list(row.values())[1:]) for row in found]
        return {str(row.job.id): row for row in rows}

    async def row(self, job_id: str) -> Row:
        return (await self.rows())[job_id]

    async def has_completed(self, job_id: str) -> bool:
        """Return whether a job has completed, whatever the others look like."""
        (row,) = await self.query("SELECT status FROM moment.jobs WHERE id = $1", job_id)
        return bool(row["status"] == "COMPLETED")

    async def ended(self, job_id: str, patience: float = PATIENCE) -> Row:
        """Wait until the job has ended."""

        async def terminal() -> bool:
            return (await self.row(job_id)).job.status.terminal

        await eventually(terminal, patience)
        return await self.row(job_id)

    def hold(self, tool: str) -> Path:
        """Make calls of a tool wait until the file that this returns is removed."""
        gate = self.folder / f"hold.{tool}"
        gate.touch()
        return gate

    def calls(self, *tools: str, what: str = "called") -> list[Call]:
        """Return the tools' logged calls, in order."""
        call_log = self.folder / "calls.jsonl"
        lines = call_log.read_bytes().splitlines() if call_log.exists() else []
        calls = [msgspec.json.decode(line, type=Call) for line in lines]
        return [call for call in calls if call.what == what and (not tools or call.tool in tools)]

    async def called(self, tool: str, times: int = 1, what: str = "called") -> None:
        """Wait until a tool was called (has answered, was cancelled) so often."""
        await eventually(lambda: len(self.calls(tool, what=what)) >= times)

    async def holds_no_objects(self) -> bool:
        return all(map(is_of_no_job, await self.store.keys()))

    async def reset(self) -> None:
        """Reset everything for the next test."""
        while self.workers:
            self.workers.pop().kill()
        for gate in self.folder.glob("hold.*"):
            gate.unlink()
        await self.query("DELETE FROM moment.jobs")
        await eventually(lambda: len(self.calls()) == sum(len(self.calls(what=end)) for end in OUTCOMES))
        (self.folder / "calls.jsonl").write_bytes(b"")
        shutil.rmtree(self.data_dir / "objects")
        await self.query("UPDATE moment.installation SET bucket = NULL")  # the marker is gone as well

    def stop(self) -> None:
        """Kill every process."""
        for process in [*self.workers, *self._commands, self.api, self._tools, self._objects]:
            if process.alive:
                process.kill()


@contextmanager
def service_processes(folder: Path, database_url: str, **options: Any) -> Iterator[ServiceProcesses]:
    """Run a service without workers for the duration of the block."""
    running = ServiceProcesses(folder, database_url, **options)
    try:
        yield running
    finally:
        running.stop()


async def eventually(true: Callable[[], bool | Awaitable[bool]], patience: float = PATIENCE) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + patience
    while True:
        found = true()
        if found if isinstance(found, bool) else await found:
            return
        assert time.monotonic() < deadline, "the condition did not hold in time"
        await anyio.sleep(0.02)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _environment() -> dict[str, str]:
    path = [str(ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return unconfigured() | {"PYTHONPATH": os.pathsep.join(filter(None, path))}
