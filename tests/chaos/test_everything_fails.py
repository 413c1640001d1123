"""Hundreds of jobs while everything that can fail does: none is lost, nothing is done twice, nothing is left behind.

Each end of a job is told to a receiver of webhooks that fails as well, at least once.

`CHAOS_JOBS=2000` makes it long, `CHAOS_SEED` repeats a plan of faults (not the timing of a machine).
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Any, Final

import anyio
import asyncpg
import httpx
import pytest
from anyio import to_thread

from adapters.http.webhook_signing import new_secret
from adapters.postgres.dsn import normalise
from adapters.postgres.orphan_store import PostgresOrphanStore
from adapters.postgres.pool import open_pool
from adapters.postgres.retention_store import PostgresRetentionStore
from tests.support.chaos_stores import BucketStore, ChaosStore, FolderStore
from tests.support.chaos_tools import DOOM
from tests.support.housekeeping import housekeeping, mark
from tests.support.invariants import Invariants
from tests.support.processes import LEASE, Process, ServiceProcesses, eventually, service_processes
from tests.support.restartable import RestartablePostgres
from tests.support.up import survivors_of
from tests.support.webhook_receiver import CLOSE, SLOW, Behaviour, Receiver, receiving

pytestmark = pytest.mark.anyio

JOBS: Final = int(os.environ.get("CHAOS_JOBS", "300"))
JOBS_BY_STORE: Final[dict[type[ChaosStore], int]] = {FolderStore: JOBS, BucketStore: JOBS // 10}
SEED: Final = os.environ.get("CHAOS_SEED") or str(time.time_ns() % 1_000_000)
WORKERS: Final = 3
RESTARTS: Final = 2
CLIENTS: Final = 4
FAULTS: Final = 0.1
DOOMED: Final = 0.02
PATIENCE: Final = 60 + JOBS * 0.5
TOOLS: Final = ("analyze_hum", "validate_blueprint", "render_vocals", "render_instrumental", "synthesize_preview")
FINISHED: Final = "SELECT count(*) FROM moment.jobs WHERE finished_at IS NOT NULL"
SECRET: Final = new_secret()
TURNS: Final[list[Behaviour]] = [200, SLOW, 500, CLOSE, 200]
"""What the receiver of webhooks does, over and over."""

MOST_REFUSALS: Final = 3
"""Of one webhook: ten tries end it, and workers that are killed use up some of them."""

DUE: Final = "UPDATE moment.webhook_deliveries SET due_at = now() WHERE settled_at IS NULL AND leased_until IS NULL"
CONNECTIONS: Final = """
    SELECT application_name, state, query FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()
"""


class Chaos:
    """Submits, hurts, waits.

    Attributes:
        accepted: The ids of the jobs that the api took.
        done: What was done to whom.
    """

    def __init__(self, service: ServiceProcesses, postgres: RestartablePostgres, jobs: int, receiver: Receiver) -> None:
        self.service = service
        self.receiver = receiver
        self.postgres = postgres
        self.jobs = jobs
        self.accepted: list[str] = []
        self.done: Counter[str] = Counter()
        self._random = random.Random(f"chaos {SEED}")  # noqa: S311 - a plan, not a secret
        self._restarts = [True, False]
        self._random.shuffle(self._restarts)
        self._finished = 0

    async def run(self) -> None:
        """Return when every job has ended."""
        for _ in range(WORKERS):
            self.service.worker()
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as trouble:
                trouble.start_soon(self._hurt_workers)
                trouble.start_soon(self._restart_postgres)
                await self._submit()
                while self._finished < len(self.accepted) or not self.everything_failed:
                    await anyio.sleep(0.5)
                    await self._count()
                trouble.cancel_scope.cancel()

    @property
    def everything_failed(self) -> bool:
        """Whether all that was to be hurt was."""
        return self.done["kill"] > 0 and self.done["freeze"] > 0 and self.done["restart"] == RESTARTS

    async def _submit(self) -> None:
        numbers = iter(range(self.jobs))
        async with anyio.create_task_group() as clients:
            for _ in range(CLIENTS):
                clients.start_soon(self._submit_each, numbers)

    async def _submit_each(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            tool = self._random.choice(TOOLS) if self._random.random() < DOOMED else ""
            self.accepted.append(await self._accepted(str(number), DOOM + tool if tool else ""))
            if number % 20 == 0:
                await self._count()

    async def _accepted(self, hum: str, lyrics: str) -> str:
        """Send a hum until it is accepted, as a patient client does."""
        while True:
            try:
                return await self.service.submit(hum, lyrics, webhook=self.receiver.url("/hook"))
            except httpx.HTTPStatusError as error:
                if error.response.status_code != 503:
                    raise
                self.done["refused"] += 1
                await anyio.sleep(0.2)

    async def _count(self) -> None:
        try:
            ((self._finished,),) = await self.service.query(
                "SELECT count(*) FROM moment.jobs WHERE finished_at IS NOT NULL"
            )
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):  # between two lives of Postgres
            return

    async def _hurt_workers(self) -> None:
        async with anyio.create_task_group() as frozen:
            for way in chain.from_iterable(self._random.sample(["kill", "freeze"], 2) for _ in count()):
                await anyio.sleep(self._random.uniform(2, 4))
                victim = self._random.choice([worker for worker in self.service.workers if worker.alive])
                self.done[way] += 1
                if way == "kill":
                    victim.kill()
                    self.service.worker()
                else:
                    frozen.start_soon(self._freeze, victim, self._random.uniform(1.1, 1.5) * LEASE)

    async def _freeze(self, victim: Process, seconds: float) -> None:
        victim.send(signal.SIGSTOP)
        try:
            await anyio.sleep(seconds)
        finally:
            victim.send(signal.SIGCONT)

    async def _restart_postgres(self) -> None:
        for number, crash in enumerate(self._restarts, start=1):
            while self._finished < self.jobs * number / 4:
                await anyio.sleep(0.1)
            await to_thread.run_sync(partial(self.postgres.stop, crash=crash))
            await anyio.sleep(self._random.uniform(0, 1))
            await to_thread.run_sync(self.postgres.start)
            self.done["restart"] += 1


async def swept(service: ServiceProcesses) -> None:
    """Do the rounds of housekeeping that would come in an hour, as one from the beginning."""
    await service.query("UPDATE moment.chores SET due_at = now(), cursor = ''")
    now = timedelta(0)
    async with (
        open_pool(normalise(service.database), max_size=1) as pool,
        service.store.opened() as store,
    ):
        ports = PostgresRetentionStore(pool), PostgresOrphanStore(pool), store
        await mark(*ports)
        for _ in range(2):  # what has no row is found first, and deleted then
            await housekeeping(*ports, age=now, settled=now, quarantine=now, page=100_000).tidy()


async def told(service: ServiceProcesses, receiver: Receiver, accepted: Sequence[str]) -> None:
    """Wait until every job's end was delivered, and check that nothing else was told, by the secret and in order."""
    with anyio.fail_after(PATIENCE):
        while missing := set(accepted) - {one.document["data"]["id"] for one in receiver.received if one.delivered}:
            await service.query(DUE)  # what failed is tried again at once
            await anyio.sleep(0.5)
    assert not missing
    ends = {job_id: f"moment.{row.job.status.lower()}" for job_id, row in (await service.rows()).items()}
    for one in receiver.received:
        assert one.is_signed
        assert one.document["type"] == ends[one.document["data"]["id"]]
    assert receiver.together["/hook"] <= 2 * WORKERS


def _works(worker: Process) -> bool:
    return "working" in worker.log


@pytest.mark.timeout(PATIENCE + 60)
@pytest.mark.parametrize("store", JOBS_BY_STORE)
async def test_no_job_is_lost_and_none_is_done_twice(
    postgres: RestartablePostgres, service_database: str, tmp_path: Path, store: type[ChaosStore]
) -> None:
    jobs = JOBS_BY_STORE[store]
    began = time.monotonic()
    print(f"CHAOS_SEED={SEED}")  # noqa: T201 - as below
    plan: dict[str, Any] = {"faults": FAULTS, "seed": SEED, "store": store}
    webhooks = {"WEBHOOK_SECRET": SECRET, "EGRESS_ALLOWED_HOSTS": "127.0.0.1"}
    async with receiving(hook=TURNS * jobs + [200]) as receiver:
        receiver.most_refusals, receiver.secret = MOST_REFUSALS, SECRET
        with service_processes(tmp_path, service_database, **plan, **webhooks) as running:
            await running.listening()
            chaos = Chaos(running, postgres, jobs, receiver)
            await chaos.run()
            await told(running, receiver, chaos.accepted)
            took, load = time.monotonic() - began, os.getloadavg()[0]
            print(f"{jobs} jobs in {took:.1f} s, load {load:.1f}, {dict(chaos.done)}")  # noqa: T201 - shown with -s, or on failure

            for worker in (alive := [worker for worker in running.workers if worker.alive]):
                await eventually(partial(_works, worker))
                worker.send(signal.SIGTERM)
            assert [await worker.ended() for worker in alive] == [0] * WORKERS
            invariants = Invariants(running, await running.rows(), await running.store.read_all())
            assert invariants.problems() == []
            assert set(chaos.accepted) <= set(invariants.rows)
            assert invariants.unexplained_orphans() == []
            await swept(running)
            assert invariants.orphans(await running.store.keys()) == []
            assert (await running.store.read_all()).drafts == set()  # not even of a worker that was killed as it probed
            running.stop()
            assert await running.query(CONNECTIONS) == []
    assert survivors_of(tmp_path) == []
