"""Retry a failed moment whose cause has been fixed."""

from application.ports.job_admin import JobAdmin
from application.ports.jobs import JobNotFound
from application.ports.objects import ObjectNotFound, ObjectStore
from domain.errors import IllegalTransition, MomentError
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus


class NotRetriable(MomentError):
    """A job that did not fail, or whose recording was deleted."""

    code = "not_retriable"
    permanent = True


class RetryJob:
    """Queue a failed job again under its own id, so that links to it stay valid."""

    def __init__(self, job_admin: JobAdmin, store: ObjectStore) -> None:
        self._job_admin = job_admin
        self._store = store

    async def __call__(self, job_id: JobId) -> Job:
        """Return the job, which is waiting again.

        Raises:
            JobNotFound: There is no such job, or it has expired.
            NotRetriable: It did not fail, or its recording was deleted.
            JobUnreadable: A newer version wrote it.
            DatabaseUnavailable, StorageUnavailable, StorageDenied: It stays as it is.
        """
        entry = await self._job_admin.show(job_id)
        if entry.expiring:
            raise JobNotFound(job_id)
        job = entry.job
        try:
            if job and job.keeps_objects:
                await self._store.stat(job.request.original.key)
            return await self._job_admin.retry(job_id)
        except IllegalTransition as error:
            raise NotRetriable(f"the job {job_id} cannot be retried: {_why(job, error)}") from error
        except ObjectNotFound as error:
            raise NotRetriable(f"the recording of the job {job_id} was deleted") from error


def _why(job: Job | None, error: IllegalTransition) -> str:
    if job is None or job.status is JobStatus.FAILED:
        return error.message
    return f"it is {job.status}, and only FAILED jobs can be"
