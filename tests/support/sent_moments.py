"""Moments that are sent over the API of a running service, for tests of what comes after."""

import time
from typing import Any, Final

import httpx

from tests.support.up import HUM, Up

PATIENCE: Final = 120.0


def send(service: Up, **fields: str) -> str:
    """Send the example hum with fields of the form; return the job's id."""
    url = f"{service.url}/v1/create-moment"
    answer = httpx.post(url, files={"file": HUM.read_bytes()}, data=fields, timeout=PATIENCE)
    return str(answer.raise_for_status().json()["job_id"])


def finish(service: Up, job_id: str) -> dict[str, Any]:
    """Return the status of a job once it is completed."""
    deadline = time.monotonic() + PATIENCE
    status: dict[str, Any] = {"terminal": False}
    with httpx.Client(base_url=service.url, timeout=PATIENCE) as api:
        while not status["terminal"]:
            assert time.monotonic() < deadline, status
            status = api.get(f"/v1/jobs/{job_id}", headers={"Prefer": "wait=20"}).raise_for_status().json()
    assert status["status"] == "COMPLETED", status
    return status
