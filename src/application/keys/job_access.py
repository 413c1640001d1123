"""Who may see a job: its owner and operators; a job without an owner, everybody who knows its id."""

from typing import Final

from application.access import Caller, Permission
from application.bounded_cache import BoundedCache
from application.ports.jobs import JobNotFound, JobRepository
from domain.jobs.job import JobId

KNOWN_JOBS: Final = 16_384
"""How many jobs' owners are known without a query: an owner never changes. About 4 MB."""


class JobAccess:
    """Knows whose a job is, also once it is deleted: its id is used for no other job."""

    def __init__(self, jobs: JobRepository) -> None:
        self._jobs = jobs
        self._owners: BoundedCache[JobId, str] = BoundedCache(KNOWN_JOBS)

    async def __call__(self, caller: Caller, job_id: JobId) -> None:
        """Return if there is such a job for the caller.

        Raises:
            JobNotFound: There is none, or it is somebody else's: nobody can tell one from the other.
            DatabaseUnavailable: Its owner cannot be looked up now.
        """
        owner = self._owners.get(job_id)
        if owner is None:
            owner = await self._jobs.owner(job_id)
            self._owners.put(job_id, owner)
        if owner and owner != caller.owner and Permission.OPERATE not in caller.permissions:
            raise JobNotFound(job_id)
