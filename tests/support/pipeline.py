"""A worker over fakes: the real application, nothing outside it."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from math import inf
from uuid import uuid4

import anyio
import msgspec

from application.moments.admission import Admission, WaitingLimits, WaitingRoom
from application.moments.direct_uploads import DirectUploads
from application.moments.fetched_hums import FetchedHums
from application.moments.forecast import Forecasts
from application.moments.hums import Hums
from application.moments.read_status import ReadStatus
from application.moments.recordings import Hum
from application.moments.submit_moment import SubmitMoment, Upload
from application.moments.webhooks import Webhooks
from application.ports.clock import Clock
from application.ports.objects import Chunks
from application.ports.queue import JobQueue, Listener
from application.ports.recording_fetcher import RecordingFetcher
from application.ports.results import NO_FOLDER, ResultFolder
from application.ports.tools import MusicTools
from application.telemetry import NO_TELEMETRY, Telemetry
from application.worker.dependencies import Dependencies
from application.worker.run_job import RunJob
from application.worker.slot_limit import SlotLimit
from application.worker.stages import Stages
from application.worker.work_loop import WorkConfig, WorkLoop
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import TERMINAL, JobStatus
from tests.support.fake_backlog import InMemoryBacklog
from tests.support.fake_queue import InMemoryJobs
from tests.support.fake_store import InMemoryStore
from tests.support.fake_tools import FakeMusicTools, into
from tests.support.fake_uploads import InMemoryUploads
from tests.support.fake_webhooks import InMemoryWebhooks

WAV_HEAD = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(64)
CONFIG = WorkConfig(worker="w1", slots=4, lease=0.6, beat=0.02, poll=0.02, grace=0.5)


def now() -> datetime:
    return datetime.now(UTC)


async def in_pieces(*pieces: bytes) -> Chunks:
    """Yield the pieces one by one."""
    for piece in pieces:
        yield piece


async def any_bucket() -> None:
    """Let every bucket be the right one."""


def any_webhooks() -> Webhooks:
    """Return what admits every webhook."""
    return Webhooks(InMemoryWebhooks(now), lambda _: None, has_secret=True)


class PollingListener:
    """Port `Listener` without notifications: it only waits."""

    async def wait(self, timeout: float) -> None:
        await anyio.sleep(timeout)

    async def wait_for_cancel(self, timeout: float) -> None:
        await anyio.sleep(timeout)


class StoreFetcher:
    """Port `Fetcher` over one content in memory."""

    def __init__(self, content: bytes = b"foreign audio") -> None:
        self.content = content
        self.fetched: list[str] = []

    @asynccontextmanager
    async def fetch(self, url: str) -> AsyncIterator[Chunks]:
        self.fetched.append(url)
        yield in_pieces(self.content)


def a_work_loop(
    queue: JobQueue,
    listener: Listener,
    tools: MusicTools,
    store: InMemoryStore,
    config: WorkConfig = CONFIG,
    *,
    telemetry: Telemetry = NO_TELEMETRY,
    folder: ResultFolder = NO_FOLDER,
    longest_pause: float = inf,
) -> WorkLoop:
    """Return a worker's loop with everything that it needs."""
    stages = Stages(tools, store, store, StoreFetcher(), "hummer", folder=folder)
    dependencies = Dependencies(tools, store.ping, SlotLimit(config.slots), lambda: 0.0, longest_pause=longest_pause)
    run_job = RunJob(queue, store, stages, dependencies, lambda: 0.0, telemetry=telemetry)
    return WorkLoop(queue, listener, run_job, dependencies, config=config, chance=lambda: 1.0, telemetry=telemetry)


def hums_in(store: InMemoryStore) -> Hums:
    """Return what stores the recordings of requests; it reaches no URL."""

    def unreachable() -> RecordingFetcher:
        raise AssertionError

    return Hums(store, FetchedHums(unreachable, 1 << 20), DirectUploads(InMemoryUploads(now), store))


class Pipeline:
    """The application of a worker over fakes.

    Attributes:
        jobs: Repository and queue.
        tools: The fake music tools.
    """

    def __init__(self, tools: FakeMusicTools | None = None, lease: float = CONFIG.lease, clock: Clock = now) -> None:
        self.lease = lease
        self.jobs = InMemoryJobs(clock, lease_seconds=lease)
        self.store = InMemoryStore()
        self.tools = tools or FakeMusicTools(into(self.store))
        self.fetcher = StoreFetcher()
        self.stages = Stages(self.tools, self.store, self.store, self.fetcher, "hummer")
        self.dependencies = Dependencies(self.tools, self.store.ping, SlotLimit(CONFIG.slots), lambda: 0.0)
        self.run_job = RunJob(self.jobs, self.store, self.stages, self.dependencies, lambda: 0.0)
        room = WaitingRoom(InMemoryBacklog(self.jobs), WaitingLimits())
        self.admission = Admission(self.jobs, self.store, room)
        self.submit = SubmitMoment(
            self.admission, hums_in(self.store), any_bucket, now, lambda: JobId(uuid4()), webhooks=any_webhooks()
        )

    def read_status(self) -> ReadStatus:
        """Return what reads the statuses of its jobs."""
        return ReadStatus(self.jobs, self.store, Forecasts(InMemoryBacklog(self.jobs)), timedelta(days=30))

    def loop(self, **config: object) -> WorkLoop:
        """Return another worker on the same queue."""
        own = msgspec.structs.replace(CONFIG, **config)
        return a_work_loop(self.jobs, PollingListener(), self.tools, self.store, own)

    async def add(self, request_id: str = "", **fields: str) -> JobId:
        """Submit a recording with these fields."""
        job = await self.submit(Upload(hum=self.hum(), fields=fields, request_id=request_id))
        return job.id

    def hum(self, *pieces: bytes, filename: str = "hum.wav") -> Hum:
        """Return a recording that has been received."""
        return Hum(filename, lambda key: self.store.put(key, in_pieces(*pieces or (WAV_HEAD,)), "audio/wav"))

    async def job(self, job_id: JobId) -> Job:
        return (await self.jobs.get(job_id)).job

    async def ended(self, job_id: JobId) -> Job:
        """Wait until the job has ended."""
        return await self._seen(job_id, TERMINAL)

    async def shows(self, job_id: JobId, status: JobStatus) -> Job:
        """Wait until the stored job is in a state: states are written asynchronously."""
        return await self._seen(job_id, {status})

    async def _seen(self, job_id: JobId, statuses: Collection[JobStatus]) -> Job:
        with anyio.fail_after(10):
            while (job := await self.job(job_id)).status not in statuses:
                await anyio.sleep(0.005)
        return job

    @asynccontextmanager
    async def working(self, **config: object) -> AsyncIterator[anyio.Event]:
        """Run a worker for the duration of the block; yield the event that stops it."""
        stopping = anyio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(self.loop(**config).run, stopping)
            yield stopping
            stopping.set()
