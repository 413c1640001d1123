"""The ids of jobs in paths."""

from functools import lru_cache
from typing import Final
from uuid import UUID

from application import telemetry
from application.ports.jobs import JobNotFound
from domain.jobs.job import JobId

CACHED_IDS: Final = 4096
"""A request parses its id twice, in the guard and in the handler, and clients that poll send the same one again."""


def parse_job_id(text: str) -> JobId:
    """Return the id in a path; what the request logs from here on carries it.

    Raises:
        JobNotFound: It is no id at all.
    """
    try:
        parsed, spelt = _parsed(text)
    except ValueError:
        raise JobNotFound(text) from None
    telemetry.job_id.set(spelt)
    return parsed


@lru_cache(CACHED_IDS)
def _parsed(text: str) -> tuple[JobId, str]:
    """Return an id, and how it is spelt: a UUID can be in many ways."""
    parsed = JobId(UUID(text))
    return parsed, str(parsed)
