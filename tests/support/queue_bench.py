"""The two ports of the queue on the bench, whoever implements them: time and priority can be turned from outside."""

from datetime import timedelta
from typing import Protocol

import asyncpg

from application.ports import JobQueue, JobRepository
from domain.job import JobId
from tests.support.fakes_queue import InMemoryJobs
from tests.support.jobs import NOW


class Bench(Protocol):
    """What a contract test needs besides the ports."""

    jobs: JobRepository
    queue: JobQueue

    async def pass_time(self, seconds: float) -> None:
        """Make every lease and every delay so much older."""

    async def prioritise(self, job_id: JobId, priority: int) -> None:
        """Set a job's priority."""


class MemoryBench:
    """The fake, with a clock that only `pass_time` moves."""

    def __init__(self) -> None:
        self._now = NOW
        self._memory = InMemoryJobs(lambda: self._now)
        self.jobs: JobRepository = self._memory
        self.queue: JobQueue = self._memory

    async def pass_time(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    async def prioritise(self, job_id: JobId, priority: int) -> None:
        self._memory.rows[job_id].priority = priority


class PostgresBench:
    """Postgres, whose clock cannot be turned: the rows are moved back instead."""

    def __init__(self, *, jobs: JobRepository, queue: JobQueue, pool: asyncpg.Pool) -> None:
        self.jobs = jobs
        self.queue = queue
        self.pool = pool

    async def pass_time(self, seconds: float) -> None:
        await self.pool.execute(
            "UPDATE jobs SET run_at = run_at - $1::interval, lease_expires_at = lease_expires_at - $1::interval",
            timedelta(seconds=seconds),
        )

    async def prioritise(self, job_id: JobId, priority: int) -> None:
        await self.pool.execute("UPDATE jobs SET priority = $2 WHERE id = $1", job_id, priority)
