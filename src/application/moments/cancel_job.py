"""Cancel a moment at any stage."""

from contextlib import suppress
from typing import Final

import anyio

from application.ports.jobs import JobRepository
from application.ports.objects import ObjectStore, StorageDenied, StorageUnavailable
from domain.jobs.job import Job, JobId
from domain.jobs.keys import job_prefix
from domain.jobs.transitions import JobStatus

DELETE_SECONDS: Final = 5.0
"""How long the caller waits for the objects to be deleted."""


class CancelJob:
    """Cancel a job: a waiting one at once, a running one through its worker."""

    def __init__(self, jobs: JobRepository, store: ObjectStore) -> None:
        self._jobs = jobs
        self._store = store

    async def __call__(self, job_id: JobId) -> Job:
        """Cancel the job, and return it as it is now. Idempotent: a job that has ended keeps its final status.

        It does not depend on the object store: while that is away, housekeeping deletes the objects later.

        Raises:
            JobNotFound: There is no such job.
            DatabaseUnavailable: Nothing may have changed.
        """
        job = await self._jobs.cancel(job_id)
        if job.status is JobStatus.CANCELLED:
            with suppress(StorageUnavailable, StorageDenied), anyio.move_on_after(DELETE_SECONDS):
                await self._store.delete(job_prefix(job_id))
        return job
