"""Moments of a running service that stand still where a test wants to look at them."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import httpx
import psutil

from tests.support.up import HUM, PATIENCE, Up

PAUSE: Final = 0.02
"""Seconds between two looks: a stage lasts tenths of a second."""


class HeldMoments:
    """Makes moments over the API, and holds them in a stage: by pausing the queue, or by freezing the music tools."""

    def __init__(self, service: Up, headers: dict[str, str] | None = None) -> None:
        self._service = service
        self._headers = headers or {}

    def create(self, hum: bytes | None = None, **fields: str) -> str:
        """Send a recording, the example hum by default; return the id of its job."""
        recording = HUM.read_bytes() if hum is None else hum
        return str(self._ask("POST", "/v1/create-moment", files={"file": recording}, data=fields)["job_id"])

    def status(self, job_id: str) -> dict[str, Any]:
        return self._ask("GET", f"/v1/jobs/{job_id}")

    def pause(self) -> None:
        """Let moments wait in the queue."""
        self._ask("POST", "/v1/operations/pause", json={})

    def resume(self) -> None:
        self._ask("POST", "/v1/operations/resume", json={})

    @contextmanager
    def paused(self) -> Iterator[None]:
        self.pause()
        yield
        self.resume()

    def await_state(self, job_id: str, state: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while (now := self.status(job_id)["status"]) != state:
            assert time.monotonic() < deadline, f"{job_id} is {now}"
            assert now != "COMPLETED", f"{job_id} was never seen {state}"
            time.sleep(PAUSE)

    @contextmanager
    def frozen_tools(self) -> Iterator[None]:
        """Stop the music tools and the processes in which they compute; they go on afterwards as if nothing was."""
        stopped = self._tools()
        for process in stopped:
            process.send_signal(signal.SIGSTOP)
        yield
        for process in reversed(stopped):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)

    def _ask(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        answer = httpx.request(method, f"{self._service.url}{path}", headers=self._headers, timeout=30, **content)
        found: dict[str, Any] = answer.raise_for_status().json() if answer.status_code != 204 else {}
        return found

    def _tools(self) -> list[psutil.Process]:
        parent = psutil.Process(self._service.parts()["music-tools"])
        return [parent, *parent.children(recursive=True)]
