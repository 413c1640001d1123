"""Cancel a moment at any stage."""

from application.ports.jobs import JobRepository
from application.ports.objects import ObjectStore
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus


class CancelJob:
    """Stop a job: a waiting one now, a running one through its worker."""

    def __init__(self, jobs: JobRepository, store: ObjectStore) -> None:
        self._jobs = jobs
        self._store = store

    async def __call__(self, job_id: JobId) -> Job:
        """Return the job as it is now; idempotent. Raises `JobNotFound`."""
        job = await self._jobs.cancel(job_id)
        if job.status is JobStatus.CANCELLED:
            await self._store.delete(f"{job_id}/")
        return job
