"""The real service on this machine: `moment up` as a user starts it, spoken to over HTTP as any version can be."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import psutil

from benchmarks.hums import hum
from benchmarks.processor_time import seconds_of
from entrypoints.local.network import free_port

POLL_SECONDS: Final = 0.025
"""Seldom enough to cost less than a hundredth of what is measured."""

PEAK_SECONDS: Final = 0.1
OURS: Final = ("DO_", "MCP_", "DATABASE_")
STEMS: Final = frozenset({"vocals", "instrumental"})


class Made(NamedTuple):
    """A moment that was made.

    Attributes:
        seconds: From the POST until it was there.
        heard: From the POST until the first of its stems was there.
        processor: Seconds of processor time of all processes.
    """

    seconds: float
    heard: float
    processor: float


class Peak(NamedTuple):
    """Megabytes: the most that one child needed, and that the process and all its children did."""

    child: float
    together: float


class Service:
    """A running service.

    Attributes:
        ready_seconds: From the start of the command until all its parts answered.
    """

    def __init__(self, url: str, process: "subprocess.Popen[bytes]", http: httpx.Client) -> None:
        self.url = url
        self.ready_seconds = 0.0
        self._process = process
        self._http = http

    def await_ready(self, began: float) -> None:
        """Wait until the command says that all parts are ready, music-tools and their warm children included."""
        for line in self._process.stdout or ():
            if line.startswith(b"ready after"):
                self.ready_seconds = time.perf_counter() - began
                return
        raise RuntimeError("moment up ended before it was ready")

    def moment(self, output_kind: str = "preview", semitones: float = 0.0, **blueprint: object) -> Made:
        """Make a moment of a hum that is transposed."""
        recording = hum(semitones)
        before, began = seconds_of([self._process.pid]), time.perf_counter()
        job_id, heard = self.send(recording, output_kind, **blueprint), 0.0
        while not (status := self._status(job_id))["terminal"]:
            if not heard and not STEMS.isdisjoint(status["artifacts"]):
                heard = time.perf_counter() - began
            time.sleep(POLL_SECONDS)
        seconds = time.perf_counter() - began
        if status["status"] != "COMPLETED":
            raise RuntimeError(f"{status['status']}: {status['error']}")
        return Made(seconds, heard or seconds, seconds_of([self._process.pid]) - before)

    def send(self, recording: bytes, output_kind: str = "preview", **blueprint: object) -> str:
        """Send a recording; return the job's id."""
        fields = {"output_kind": output_kind, "blueprint_json": json.dumps(blueprint)}
        sent = self._http.post("/v1/create-moment", data=fields, files={"file": recording})
        job_id: str = sent.raise_for_status().json()["job_id"]
        return job_id

    def ended(self, job_id: str) -> bool:
        """Return whether a moment is there, or has failed."""
        return bool(self._status(job_id)["terminal"])

    def _status(self, job_id: str) -> Any:
        return self._http.get(f"/v1/status/{job_id}").raise_for_status().json()

    @contextmanager
    def peak_of(self, command: str) -> Iterator[Callable[[], Peak]]:
        """Watch the memory of one of our processes and its children during the block; yield what tells the most of it.

        What several of them share counts once.
        """
        found, ended = [Peak(0.0, 0.0)], threading.Event()

        def watch() -> None:
            while not ended.wait(PEAK_SECONDS):
                sizes = self._shared_megabytes(command)
                found.append(Peak(max(sizes[1:], default=0.0), sum(sizes)))

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            yield lambda: Peak(*map(max, zip(*found, strict=True)))
        finally:
            ended.set()
            watching.join()

    def _shared_megabytes(self, command: str) -> list[float]:
        """Return the memory of a process, then of each of its children."""
        sizes = []
        for process in self._family(command):
            with suppress(psutil.NoSuchProcess):
                sizes.append(process.memory_full_info().pss / 1e6)
        return sizes

    def resident_megabytes(self, command: str) -> float:
        """Return the memory of one of our processes and its children: resident."""
        return float(sum(process.memory_info().rss for process in self._family(command))) / 1e6

    def _family(self, command: str) -> list[psutil.Process]:
        family = [process for process in _below(self._process.pid) if process.cmdline()[-1:] == [command]]
        return [process for parent in family for process in (parent, *parent.children(recursive=True))]


@contextmanager
def running(source: Path | None = None) -> Iterator[Service]:
    """Run the service in a fresh folder while the block lasts; the code of another version, if that is named."""
    with tempfile.TemporaryDirectory(prefix="moment-bench-") as folder:
        port = free_port()
        command = [sys.executable, "-m", "entrypoints.cli", "up", "--port", str(port), "--data-dir", f"{folder}/data"]
        began = time.perf_counter()
        environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        if source:
            environment["PYTHONPATH"] = str(source)
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE)  # noqa: S603 - our own
        try:
            url = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=url, timeout=60, trust_env=False) as http:
                service = Service(url, process, http)
                service.await_ready(began)
                yield service
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _below(pid: int) -> list[psutil.Process]:
    return list(psutil.Process(pid).children(recursive=True))
