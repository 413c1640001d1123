"""Cancel a moment at any stage."""

from application.ports.jobs import JobRepository
from application.ports.objects import ObjectStore
from domain.jobs.job import Job, JobId
from domain.jobs.keys import job_prefix
from domain.jobs.transitions import JobStatus


class CancelJob:
    """Cancel a job: a waiting one at once, a running one through its worker."""

    def __init__(self, jobs: JobRepository, store: ObjectStore) -> None:
        self._jobs = jobs
        self._store = store

    async def __call__(self, job_id: JobId) -> Job:
        """Cancel the job, and return it as it is now. Idempotent: a job that has ended keeps its final status.

        Raises:
            JobNotFound: There is no such job.
            DatabaseUnavailable: Nothing may have changed.
            StorageUnavailable, StorageDenied: It is cancelled; housekeeping will delete its objects.
        """
        job = await self._jobs.cancel(job_id)
        if job.status is JobStatus.CANCELLED:
            await self._store.delete(job_prefix(job_id))
        return job
