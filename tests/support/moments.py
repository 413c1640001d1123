"""Finished and shared moments, made over the API, for tests that look at them."""

from typing import NamedTuple

import httpx

from tests.support.sent_moments import PATIENCE, finish, send
from tests.support.up import Up


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
    job_id = str(finish(service, send(service))["id"])
    shared = httpx.post(f"{service.url}/v1/jobs/{job_id}/share", timeout=PATIENCE).raise_for_status().json()
    return Finished(job_id, shared["token"])
