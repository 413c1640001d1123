"""The ids of jobs in paths."""

from uuid import UUID

from application import telemetry
from application.ports.jobs import JobNotFound
from domain.jobs.job import JobId


def parse_job_id(text: str) -> JobId:
    """Return the id in a path; what the request logs from here on carries it.

    Raises:
        JobNotFound: It is no id at all.
    """
    try:
        parsed = JobId(UUID(text))
    except ValueError:
        raise JobNotFound(text) from None
    telemetry.job_id.set(str(parsed))  # a UUID can be spelt in many ways
    return parsed
