"""Read a moment's status as soon as it is another one."""

from collections.abc import Callable

from application.moments.encoded_status import EncodedStatus
from application.moments.job_watch import JobWatch
from application.moments.read_status import ReadStatus
from domain.jobs.job import JobId


class FollowStatus:
    """Read a status, waiting for it to change."""

    def __init__(self, read_status: ReadStatus, watch: JobWatch) -> None:
        self._read_status = read_status
        self._watch = watch

    async def __call__(
        self,
        job_id: JobId,
        seconds: int,
        is_known: Callable[[EncodedStatus], bool],
        is_stopping: Callable[[], bool],
    ) -> tuple[EncodedStatus, bool]:
        """Return the status, and whether the wait was granted: not if too many wait already.

        It returns at once if the status is final, or is not what the client knows.

        Args:
            job_id: The job.
            seconds: How long to wait for a change, at most.
            is_known: Whether the client knows this status.
            is_stopping: Whether the process ends, so that nobody is to wait any more.

        Raises:
            JobNotFound: There is no such job, or it was deleted meanwhile.
            JobUnreadable: A newer version wrote it.
            DatabaseUnavailable: It cannot be read now.
        """
        status = await self._read_status(job_id)
        if seconds == 0 or status.read_again_after is None or not is_known(status):
            return status, seconds > 0
        if not await self._watch(job_id, status.version, seconds, is_stopping):
            return status, False
        return await self._read_status(job_id), True
