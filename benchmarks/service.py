"""The real service on this machine: `moment up` as a user starts it, spoken to over HTTP."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from entrypoints.client import Client, Status
from entrypoints.local.network import free_port

HUM: Final = Path(__file__).parents[1] / "examples" / "hum.wav"
POLL_SECONDS: Final = 0.01


class Service:
    """A running service.

    Attributes:
        ready_seconds: From the start of the command until all its parts answered.
    """

    def __init__(self, url: str, process: "subprocess.Popen[bytes]", client: Client) -> None:
        self.url = url
        self.ready_seconds = 0.0
        self._process = process
        self._client = client

    def await_ready(self, began: float) -> None:
        """Wait until the command says that all parts are ready, music-tools and their warm children included."""
        for line in self._process.stdout or ():
            if line.startswith(b"ready after"):
                self.ready_seconds = time.perf_counter() - began
                return
        raise RuntimeError("moment up ended before it was ready")

    def moment(self, output_kind: str = "preview", **blueprint: object) -> tuple[float, Status]:
        """Make a moment; return the seconds from POST to COMPLETED, and its status."""
        fields = {"output_kind": output_kind, "blueprint_json": json.dumps(blueprint)}
        began = time.perf_counter()
        job_id = self._client.create(HUM, fields, lambda _: None)["job_id"]
        while not (status := self._client.status(job_id))["terminal"]:
            time.sleep(POLL_SECONDS)
        if status["status"] != "COMPLETED":
            raise RuntimeError(f"{status['status']}: {status['error']}")
        return time.perf_counter() - began, status

    def resident_megabytes(self, command: str) -> float:
        """Return the memory of one of our processes and its children: resident."""
        family = [process for process in _below(self._process.pid) if process.cmdline()[-1:] == [command]]
        whole = [process for parent in family for process in (parent, *parent.children(recursive=True))]
        return float(sum(process.memory_info().rss for process in whole)) / 1e6


@contextmanager
def running() -> Iterator[Service]:
    """Run the service in a fresh folder while the block lasts."""
    with tempfile.TemporaryDirectory(prefix="moment-bench-") as folder:
        port = free_port()
        command = [sys.executable, "-m", "entrypoints.cli", "up", "--port", str(port), "--data-dir", f"{folder}/data"]
        began = time.perf_counter()
        ours = ("DO_", "MCP_", "DATABASE_")
        embedded = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        process = subprocess.Popen(command, cwd=folder, env=embedded, stdout=subprocess.PIPE)  # noqa: S603 - our own
        try:
            url = f"http://127.0.0.1:{port}"
            with Client.open(url) as client:
                service = Service(url, process, client)
                service.await_ready(began)
                yield service
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _below(pid: int) -> list[psutil.Process]:
    return list(psutil.Process(pid).children(recursive=True))
