"""How many jobs may wait: of one client, and of all.

Both limits are checked twice: before a body is read, so that nothing arrives in vain, and when the job is stored. The
count of a client is exact there. That of all jobs is up to a second old, plus what this process stored since: an exact
one would make every insert wait for every other.
"""

import logging
import time
from collections.abc import Callable
from typing import Final

import anyio
import msgspec

from application.access import Caller
from application.ports.backlog import BacklogReader
from application.ports.jobs import JobRepository, TooManyWaiting
from application.ports.objects import ObjectStore
from application.ports.usage import QuotaExceeded, RequireQuota, unlimited
from domain.errors import MomentError
from domain.jobs.job import Job
from domain.jobs.keys import job_prefix

log: Final = logging.getLogger(__name__)

COUNTED_SECONDS: Final = 1.0
"""For how long a process relies on one count of all jobs."""

COUNTING_SHARE: Final = 0.05
"""The share of its time that a process spends on counting, at most: a long line takes long to count."""

QUOTAS_NOTED: Final = 5
"""How often a job is tried again whose own quota is not used up, while other keys of its owner note smaller ones."""

DELETING_SECONDS: Final = 10.0
"""How long it may take to delete what was stored for a refused job; housekeeping removes the rest."""


class QueueFull(MomentError):
    """As many jobs wait as the service takes; later there is room for more."""

    code = "queue_full"

    def __init__(self) -> None:
        super().__init__("too many jobs wait")


class WaitingLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How many jobs may wait.

    Attributes:
        of_all: Of all clients together.
        of_client: Of a client whose key says nothing else.
    """

    of_all: int = 100_000
    of_client: int = 1000


class WaitingRoom:
    """Knows about how many jobs wait, for all requests of this process."""

    def __init__(
        self, backlog: BacklogReader, limits: WaitingLimits, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._backlog = backlog
        self._limits = limits
        self._clock = clock
        self._counting = anyio.Lock(fast_acquire=True)
        self._waiting = 0
        self._count_at = clock()

    def most_of(self, caller: Caller) -> int:
        """Return how many jobs of a client may wait."""
        return self._limits.of_client if caller.limits.waiting is None else caller.limits.waiting

    async def require(self, caller: Caller) -> None:
        """Return if there is room for one more job of a client.

        Raises:
            QueueFull, TooManyWaiting: There is none.
            DatabaseUnavailable: Nobody can tell.
        """
        await self.require_any()
        most = self.most_of(caller)
        if caller.client and await self._backlog.count_waiting(most, caller.client) >= most:
            raise TooManyWaiting(most)

    async def require_any(self) -> None:
        """Return if there is room for one more job, whosever it is.

        Raises:
            QueueFull: There is none.
            DatabaseUnavailable: Nobody can tell.
        """
        async with self._counting:
            if self._clock() >= self._count_at:
                await self._count()
        if self._waiting >= self._limits.of_all:
            raise QueueFull

    def entered(self) -> None:
        """Note that there is one job more."""
        self._waiting += 1

    async def _count(self) -> None:
        began = self._clock()
        self._waiting = await self._backlog.count_waiting(self._limits.of_all)
        took = self._clock() - began
        self._count_at = began + max(COUNTED_SECONDS, took / COUNTING_SHARE)


class Admission:
    """Stores new jobs, as long as there is room for them.

    Attributes:
        require_quota: Raises `QuotaExceeded` if a caller may send no more: asked before anything is stored for a job.
    """

    def __init__(
        self,
        jobs: JobRepository,
        store: ObjectStore,
        room: WaitingRoom,
        require_quota: RequireQuota = unlimited,
    ) -> None:
        self._jobs = jobs
        self._store = store
        self._room = room
        self.require_quota = require_quota

    async def __call__(self, job: Job, caller: Caller) -> None:
        """Store a new job. If it is refused, what was stored for it is deleted.

        Raises:
            QueueFull, TooManyWaiting: There is no room for it.
            QuotaExceeded: The caller has used up what they may.
            DatabaseUnavailable: It may be stored, and so its objects stay; if it is not, housekeeping removes them.
        """
        try:
            await self._room.require_any()
            await self._add(job, caller)
        except (QueueFull, TooManyWaiting, QuotaExceeded):
            await self._delete_objects(job)
            raise
        self._room.entered()

    async def _add(self, job: Job, caller: Caller) -> None:
        """Store a job. The database knows one quota of an owner, whose keys may have several: noted is the last one."""
        for _ in range(QUOTAS_NOTED):
            try:
                await self._jobs.add(job, self._room.most_of(caller))
            except QuotaExceeded:
                await self.require_quota(caller)
            else:
                return
        await self._jobs.add(job, self._room.most_of(caller))

    async def _delete_objects(self, job: Job) -> None:
        with anyio.move_on_after(DELETING_SECONDS, shield=True):
            try:
                await self._store.delete(job_prefix(job.id))
            except MomentError as error:
                log.warning("job %s is refused, and its objects are left to housekeeping: %s", job.id, error)
