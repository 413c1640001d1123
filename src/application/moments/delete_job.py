"""Delete a moment: its row and its objects."""

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import anyio

from application.moments.cancel_job import DELETE_SECONDS
from application.ports.job_admin import JobAdmin
from application.ports.jobs import JobNotFound, JobRepository
from application.ports.maintenance import RetentionStore
from application.ports.objects import ObjectStore, StorageDenied, StorageUnavailable
from domain.errors import MomentError
from domain.jobs.job import JobId
from domain.jobs.keys import job_prefix

STOP_SECONDS: Final = 5.0
"""How long a worker has to stop a job; it takes one second at most, unless it hangs."""

ASK_EVERY: Final = 0.2


class JobStopping(MomentError):
    """The worker has not stopped the job yet."""

    code = "job_stopping"


class DeleteJob:
    """Stop a job if it runs, and delete it with everything that was made of it.

    Args:
        jobs: For stopping it.
        job_admin: Marks its row, from when on nobody sees the job.
        retention_store: Removes the row.
        store: Has the objects.
        require_bucket: Raises `WrongBucket` if the objects are elsewhere.
        remove_share: Revokes the link to its music, and deletes what the link leads to.
    """

    def __init__(
        self,
        jobs: JobRepository,
        job_admin: JobAdmin,
        retention_store: RetentionStore,
        store: ObjectStore,
        *,
        require_bucket: Callable[[], Awaitable[None]],
        remove_share: Callable[[JobId], Awaitable[None]],
    ) -> None:
        self._jobs = jobs
        self._job_admin = job_admin
        self._retention_store = retention_store
        self._store = store
        self._require_bucket = require_bucket
        self._remove_share = remove_share

    async def __call__(self, job_id: JobId) -> None:
        """Delete the job. From now on there is none.

        What cannot be removed now is left to the next round of housekeeping: the objects, while the store is away; the
        row, if the job ran, because a tool that was stopped may still be sending its result.

        Raises:
            JobNotFound: There is no such job.
            JobStopping: Its worker was asked to stop it and has not yet; the same call may succeed later.
            JobUnreadable: A newer version wrote it.
            DatabaseUnavailable: It may be stopped, and is not deleted.
        """
        ran = await self._end(job_id)
        with suppress(StorageUnavailable, StorageDenied), anyio.move_on_after(DELETE_SECONDS):
            await self._require_bucket()
            await self._remove_share(job_id)
            await self._store.delete(job_prefix(job_id))
            if not ran:
                await self._retention_store.forget([job_id], timedelta(0))

    async def _end(self, job_id: JobId) -> bool:
        """Mark a job as deleted, ended if it has to be; return whether a worker had to stop it."""
        with suppress(JobNotFound):  # or it has not ended
            await self._job_admin.delete(job_id)
            return False
        ran = await self._stop(job_id)
        await self._job_admin.delete(job_id)
        return ran

    async def _stop(self, job_id: JobId) -> bool:
        """Return when the job has ended, and whether a worker had to stop it."""
        deadline = time.monotonic() + STOP_SECONDS
        ran = False
        while not (await self._jobs.cancel(job_id)).status.terminal:
            if time.monotonic() > deadline:
                raise JobStopping(f"the job {job_id} has not been stopped yet; try again")
            ran = True
            await anyio.sleep(ASK_EVERY)
        return ran
