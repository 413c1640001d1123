"""Jobs as the API sees them."""

from typing import Protocol

from domain.errors import MomentError
from domain.jobs.job import Job, JobId


class JobNotFound(MomentError):
    """No job has this id."""

    code = "job_not_found"
    permanent = True

    def __init__(self, job_id: object) -> None:
        super().__init__(f"there is no job {job_id}")


class DatabaseUnavailable(MomentError):
    """The database did not answer; the same call may succeed later."""

    code = "database_unavailable"


class JobRepository(Protocol):
    """Jobs as the API sees them. Every method may raise `DatabaseUnavailable`."""

    async def add(self, job: Job) -> None:
        """Store a new job; its row is its place in the queue."""

    async def get(self, job_id: JobId) -> tuple[Job, float]:
        """Return the job and the progress that its worker last reported, 0..1.

        Raises:
            JobNotFound: There is no such job.
        """

    async def cancel(self, job_id: JobId) -> Job:
        """Cancel a waiting job at once, or request it of the worker of a running one; return the job as it is now.

        Idempotent: a job that has ended keeps its final status.

        Raises:
            JobNotFound: There is no such job.
        """

    async def ping(self) -> None:
        """Return when the database answers and its schema is up to date."""
