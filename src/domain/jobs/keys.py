"""The keys of a job's objects: `{job}/original` for the recording, `{job}/{token}/…` for the results of a claim."""

from uuid import UUID

from domain.jobs.artifacts import MediaType
from domain.jobs.job import JobId


def job_prefix(job_id: JobId) -> str:
    """Return what the keys of all objects of a job start with."""
    return f"{job_id}/"


def original_key(job_id: JobId) -> str:
    """Return the key of the recording."""
    return f"{job_id}/original"


def claim_prefix(job_id: JobId, token: int) -> str:
    """Return what the keys of one claim's results start with; a worker that lost its lease cannot overwrite others."""
    return f"{job_id}/{token}/"


def conversion_prefix(job_id: JobId, attempt: int) -> str:
    """Return what the keys of one attempt at another format of the music start with."""
    return f"{job_id}/format-{attempt}/"


def result_key(prefix: str, name: str, media_type: MediaType) -> str:
    """Return the key of a result under a claim's prefix."""
    return f"{prefix}{name}.{media_type.suffix}"


def owner_of(key: str) -> JobId | None:
    """Return the job that an object belongs to, or None for a key that is not ours."""
    head, separator, _ = key.partition("/")
    try:
        owner = UUID(head)
    except ValueError:
        return None
    return JobId(owner) if separator and str(owner) == head else None
