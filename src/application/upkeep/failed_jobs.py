"""Failed jobs that are worth a retry: for operators who retry many at once."""

from datetime import datetime
from typing import Final

import msgspec

from application.ports.job_admin import JobAdmin, JobEntry, JobFilter
from application.upkeep.every_job import every_job
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus

MOST_LOOKED_AT: Final = 10_000
"""How many failed jobs are looked at, at most: the newest."""


class FailedJobs(msgspec.Struct, frozen=True):
    """Failed jobs.

    Attributes:
        chosen: Those to retry, newest first.
        left_out: How many were met that would only fail again.
        more: Whether there may be others.
    """

    chosen: tuple[JobId, ...]
    left_out: int
    more: bool


async def find_failed_jobs(
    job_admin: JobAdmin, code: str | None, since: datetime | None, limit: int = MOST_LOOKED_AT
) -> FailedJobs:
    """Return the newest failed jobs that may do better; a code chooses all that failed with it.

    Raises:
        DatabaseUnavailable: Nothing is known.
    """
    which = JobFilter(status=JobStatus.FAILED, code=code, since=since)
    chosen: list[JobId] = []
    left_out = 0
    async for entry in every_job(job_admin, which):
        if len(chosen) + left_out == MOST_LOOKED_AT or len(chosen) == limit:
            return FailedJobs(tuple(chosen), left_out, more=True)
        if code or not _is_permanent(entry):
            chosen.append(entry.id)
        else:
            left_out += 1
    return FailedJobs(tuple(chosen), left_out, more=False)


def _is_permanent(entry: JobEntry) -> bool:
    """Return whether a failed job was refused for what was sent, which is the same the next time."""
    return bool(entry.job and entry.job.error and entry.job.error.permanent)
