"""Finished moments, made over the API, for tests that look at them."""

from typing import Final, NamedTuple

import httpx

from tests.support.up import HUM, Up

PATIENCE: Final = 90.0


class Finished(NamedTuple):
    """A finished moment.

    Attributes:
        id: Of its job.
        token: Of its shared link.
    """

    id: str
    token: str


def finished_moment(service: Up) -> Finished:
    """Make a moment of the example hum, share it, and return when it is finished."""
    with httpx.Client(base_url=service.url, timeout=PATIENCE) as api:
        sent = api.post("/v1/create-moment", files={"file": HUM.read_bytes()}).raise_for_status().json()
        job = f"/v1/jobs/{sent['job_id']}"
        status: dict[str, object] = {"terminal": False}
        while not status["terminal"]:
            status = api.get(job, headers={"Prefer": "wait=20"}).raise_for_status().json()
        assert status["status"] == "COMPLETED", status
        shared = api.post(f"{job}/share").raise_for_status().json()
    return Finished(sent["job_id"], shared["url"].rpartition("/")[2])
