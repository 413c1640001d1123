"""A finished moment of a running service, for tests of what comes after."""

import time

import httpx

from tests.support.up import HUM, Up

PATIENCE = 120.0


def finished_moment(service: Up) -> str:
    """Return the id of a moment of the example hum, once it is COMPLETED."""
    sent = httpx.post(f"{service.url}/v1/create-moment", files={"file": HUM.read_bytes()}, timeout=30)
    job_id: str = sent.json()["job_id"]
    deadline = time.monotonic() + PATIENCE
    while (status := _waited_for(service, job_id)) != "COMPLETED":
        assert time.monotonic() < deadline, status
    return job_id


def _waited_for(service: Up, job_id: str) -> str:
    answer = httpx.get(f"{service.url}/v1/jobs/{job_id}", headers={"Prefer": "wait=20"}, timeout=30)
    status: str = answer.json()["status"]
    return status
