"""Server-Sent Events as clients see them, under the server that production uses."""

import json
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import anyio
import httpx
import msgspec
import pytest
from anyio.abc import SocketStream

from application.moments.follow_events import FollowEvents
from application.moments.job_watch import JobWatch
from application.ports.jobs import DatabaseUnavailable
from domain.jobs.job import JobId, StatusChange
from domain.jobs.transitions import Event, JobStatus
from entrypoints.api.client_addresses import ClientAddresses
from entrypoints.api.event_streams import EventStreams, StreamLimits
from entrypoints.api.request_bodies import Limits, RequestBodies
from entrypoints.api.server import serve_app
from entrypoints.local.network import free_port
from entrypoints.settings.declarations import PRIVATE_NETWORKS
from tests.contract.test_api_shutdown import LONGER_THAN_THE_TEST, Start, start
from tests.support.api import ServedApi, resident_bytes, serving_api, until_listening
from tests.support.fake_queue import InMemoryJobs
from tests.support.jobs import ANALYZED, CANCELLED, INSTRUMENTAL, MIXED, RENDERED, STARTED, VOCALS, a_job
from tests.support.processes import eventually

pytestmark = pytest.mark.anyio

__all__ = ["start"]  # a fixture

PATH: list[tuple[Event, str]] = [
    (STARTED, "ANALYZING"),
    (ANALYZED, "RENDERING"),
    (INSTRUMENTAL, '"instrumental"'),
    (VOCALS, '"vocals"'),
    (RENDERED, "MIXING"),
    (MIXED, "COMPLETED"),
]
"""What happens to a job, and what is then in its stream."""

STREAMS = 100
UNLIMITED = StreamLimits()
BYTES_PER_STREAM = 150_000


class Sent(NamedTuple):
    """An event as it arrived."""

    name: str
    id: str
    data: Any


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path_factory.mktemp("objects")) as served:
        yield served


@pytest.fixture
def api(served: ServedApi) -> ServedApi:
    served.jobs.rows.clear()
    return served


async def added(jobs: InMemoryJobs, *events: Event) -> JobId:
    job_id = JobId(uuid4())
    await jobs.add(a_job(job_id))
    for event in events:
        happens(jobs, job_id, event)
    return job_id


def happens(jobs: InMemoryJobs, job_id: JobId, event: Event) -> None:
    """Write an event as a worker does."""
    row = jobs.rows[job_id]
    jobs._write(row, row.job.on(event, datetime.now(UTC)))


def read_events(lines: str) -> list[Sent]:
    """Return the events of a stream, as the standard reads it; comments and `retry` are none."""
    events = []
    for block in lines.split("\n\n"):
        fields = [line.partition(": ") for line in block.split("\n") if line and not line.startswith(":")]
        values = {name: value for name, _, value in fields}
        if "data" in values:
            events.append(Sent(values["event"], values.get("id", ""), json.loads(values["data"])))
    return events


def numbered(events: list[Sent]) -> list[str]:
    return [f"{sent.id} {sent.data.get('name') or sent.data['status']}" for sent in events if sent.id]


async def whole(api: ServedApi, job_id: JobId, last: str = "") -> list[Sent]:
    """Return the events of a stream up to its end."""
    headers = {"Last-Event-ID": last} if last else {}
    answer = await api.http.get(f"/v1/jobs/{job_id}/events", headers=headers)
    assert answer.status_code == 200
    return read_events(answer.text)


class Follower:
    """A client in the middle of a stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._parts = response.aiter_text()
        self.text = ""

    async def until(self, text: str) -> None:
        """Read until this was sent."""
        with anyio.fail_after(10):
            while text not in self.text:
                self.text += await anext(self._parts)

    async def to_end(self) -> str:
        with anyio.fail_after(10):
            async for part in self._parts:
                self.text += part
        return self.text


@asynccontextmanager
async def following(http: httpx.AsyncClient, job_id: JobId, **headers: str) -> AsyncIterator[Follower]:
    async with http.stream("GET", f"/v1/jobs/{job_id}/events", headers=headers) as response:
        yield Follower(response)


async def test_events_come_as_they_happen_and_the_stream_ends_with_the_job(api: ServedApi) -> None:
    job_id = await added(api.jobs)
    async with following(api.http, job_id) as client:
        headers = client.response.headers
        assert (headers["content-type"], headers["cache-control"]) == ("text/event-stream", "no-store")
        assert headers["x-accel-buffering"] == "no"
        for event, text in PATH:
            happens(api.jobs, job_id, event)
            await client.until(text)
        events = read_events(await client.to_end())
    assert numbered(events) == [
        "0.0 PENDING",
        "1.0 ANALYZING",
        "2.0 RENDERING",
        "2.1 instrumental",
        "2.2 vocals",
        "3.0 MIXING",
        "3.1 final",
        "4.0 COMPLETED",
    ]
    assert [sent.data["terminal"] for sent in events if sent.name == "status"] == [False] * 4 + [True]
    progress = [sent.data["progress"] for sent in events if sent.name == "progress"]
    assert progress == sorted(set(progress))
    vocals = next(sent.data for sent in events if sent.data.get("name") == "vocals")
    path = f"/v1/jobs/{job_id}/audio?artifact=vocals"
    assert vocals == {"name": "vocals", "content_type": "audio/wav", "bytes": 10, "seconds": None, "url": path}
    assert (await api.http.get(path, follow_redirects=False)).status_code == 302


async def test_whoever_comes_back_misses_nothing_and_sees_nothing_twice(api: ServedApi) -> None:
    job_id, seen = await added(api.jobs), list[Sent]()
    for event, text in PATH:  # comes, reads until something has happened, leaves
        async with following(api.http, job_id, **{"Last-Event-ID": seen[-1].id if seen else ""}) as client:
            happens(api.jobs, job_id, event)
            await client.until(text)
            whole_blocks, _, _ = client.text.rpartition("\n\n")
            seen += [sent for sent in read_events(whole_blocks) if sent.id]
    if not seen[-1].data.get("terminal"):  # the last block was torn
        seen += [sent for sent in await whole(api, job_id, seen[-1].id) if sent.id]
    assert numbered(seen) == numbered(await whole(api, job_id))
    assert len(seen) == 8


async def test_what_has_ended_and_is_known_is_no_stream_so_that_a_browser_stops(api: ServedApi) -> None:
    job_id = await added(api.jobs, STARTED, CANCELLED)
    assert numbered(await whole(api, job_id, "1.0")) == ["2.0 CANCELLED"]
    known = await api.http.get(f"/v1/jobs/{job_id}/events", headers={"Last-Event-ID": "2.0"})
    assert (known.status_code, known.content) == (204, b"")
    assert numbered(await whole(api, job_id, "nonsense"))[0] == "0.0 PENDING"


async def test_progress_has_no_id_and_is_not_replayed(api: ServedApi) -> None:
    job_id = await added(api.jobs, STARTED)
    async with following(api.http, job_id) as client:
        for progress in (0.125, 0.1875):
            api.jobs.rows[job_id].progress = progress
            await client.until(f'{{"progress":{round(progress, 3)}}}')
    async with following(api.http, job_id) as client:
        await client.until("progress")
        events = read_events(client.text)
    assert [sent.data for sent in events if sent.name == "progress"] == [{"progress": 0.188}]
    assert not [sent for sent in events if sent.name == "progress" and sent.id]


async def test_an_unknown_job_is_a_problem_before_the_stream(api: ServedApi) -> None:
    for job_id in (uuid4(), "nonsense"):
        answer = await api.http.get(f"/v1/jobs/{job_id}/events")
        assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")
        assert answer.headers["content-type"] == "application/problem+json"
        assert (await api.http.head(f"/v1/jobs/{job_id}/events")).status_code == 404
    found = await api.http.head(f"/v1/jobs/{await added(api.jobs)}/events")
    assert (found.status_code, found.headers["content-type"]) == (200, "text/event-stream")


async def test_a_job_that_is_deleted_ends_its_stream(api: ServedApi) -> None:
    job_id = await added(api.jobs)
    async with following(api.http, job_id) as client:
        await client.until("PENDING")
        del api.jobs.rows[job_id]
        assert numbered(read_events(await client.to_end())) == ["0.0 PENDING"]


async def test_a_database_that_is_away_for_a_while_ends_no_stream(api: ServedApi) -> None:
    job_id = await added(api.jobs)
    async with following(api.http, job_id) as client:
        await client.until("PENDING")
        api.jobs.faults.fail("revisions", DatabaseUnavailable("down"), times=2)
        api.jobs.faults.fail("get", DatabaseUnavailable("down"), times=2)
        happens(api.jobs, job_id, CANCELLED)
        assert numbered(read_events(await client.to_end())) == ["0.0 PENDING", "1.0 CANCELLED"]


async def test_all_streams_share_the_queries_and_leave_when_their_clients_do(api: ServedApi) -> None:
    ids = [await added(api.jobs) for _ in range(STREAMS)]
    before = resident_bytes()
    limits = httpx.Limits(max_connections=None)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(
            httpx.AsyncClient(base_url=api.http.base_url, limits=limits, trust_env=False)
        )
        clients = [await stack.enter_async_context(following(http, job_id)) for job_id in ids]
        for client in clients:
            await client.until("PENDING")
        asked = len(api.jobs.faults.calls["revisions"])
        await anyio.sleep(1)
        assert 3 <= len(api.jobs.faults.calls["revisions"]) - asked <= 27
        assert resident_bytes() - before < STREAMS * BYTES_PER_STREAM  # with the client's share
    await anyio.sleep(0.5)
    asked = len(api.jobs.faults.calls["revisions"])
    await anyio.sleep(0.5)
    assert len(api.jobs.faults.calls["revisions"]) == asked


@asynccontextmanager
async def serving_streams(
    jobs: InMemoryJobs, job_id: JobId, *, limits: StreamLimits = UNLIMITED, reading: float = 60, ping: float = 15
) -> AsyncIterator[tuple[int, EventStreams]]:
    """Serve the stream of one job under limits; yield the port."""
    port, stopping = free_port(), anyio.Event()
    streams = EventStreams(FollowEvents(jobs, JobWatch(jobs), ping), stopping.is_set, lambda: 0.5, limits)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await (await streams(job_id, ""))(scope, receive, send)

    limited = ClientAddresses(PRIVATE_NETWORKS).around(RequestBodies(Limits(reading=reading)).around(app))
    async with anyio.create_task_group() as group:
        group.start_soon(partial(serve_app, limited, "127.0.0.1", port, stopping, grace=0.1))
        await until_listening(port)
        yield port, streams
        group.cancel_scope.cancel()


async def test_streams_beyond_the_limits_are_refused_until_one_ends() -> None:
    jobs = InMemoryJobs()
    job_id = await added(jobs)
    limits = StreamLimits(streams=2, of_client=1)
    async with (
        serving_streams(jobs, job_id, limits=limits) as (port, _),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
    ):
        one, two = {"X-Forwarded-For": "203.0.113.1"}, {"X-Forwarded-For": "203.0.113.2"}
        async with following(http, job_id, **one) as first:
            await first.until("PENDING")
            again = await http.get("/", headers=one)
            assert (again.status_code, again.json()["code"]) == (429, "too_many_streams")
            async with following(http, job_id, **two) as second:
                await second.until("PENDING")
                full = await http.get("/", headers={"X-Forwarded-For": "203.0.113.3"})
                assert (full.status_code, full.json()["code"]) == (503, "streams_busy")
                assert int(full.headers["retry-after"]) > 0
        await anyio.sleep(0.3)
        async with following(http, job_id, **one) as back:
            await back.until("PENDING")


async def test_silence_is_filled_with_comments() -> None:
    jobs = InMemoryJobs()
    job_id = await added(jobs)
    async with (
        serving_streams(jobs, job_id, ping=0.2) as (port, _),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
        following(http, job_id) as client,
    ):
        await client.until(":\n\n:\n\n")
        assert numbered(read_events(client.text)) == ["0.0 PENDING"]


async def test_a_client_that_reads_nothing_is_cut() -> None:
    jobs = InMemoryJobs()
    job_id = await added(jobs)
    row = jobs.rows[job_id]
    changes = tuple(StatusChange(JobStatus.MIXING, row.created_at + timedelta(days=n)) for n in range(100_000))
    row.job = msgspec.structs.replace(row.job, history=(*row.job.history, *changes), status=JobStatus.MIXING)
    async with serving_streams(jobs, job_id, reading=0.5) as (port, streams):
        connection: SocketStream = await anyio.connect_tcp("127.0.0.1", port)
        async with connection:
            await connection.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
            with anyio.fail_after(10):
                while not streams.count:
                    await anyio.sleep(0.05)
                while streams.count:
                    await anyio.sleep(0.05)


async def test_clients_of_an_api_that_stops_are_sent_elsewhere_at_once(start: Start, tmp_path: Path) -> None:
    api = start(MOMENT_LAME_DUCK_SECONDS="0", MOMENT_GRACE_SECONDS=LONGER_THAN_THE_TEST)
    await api.ready()
    async with httpx.AsyncClient(base_url=api.url, trust_env=False) as http:
        hum = {"file": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(1000)}
        job_id = JobId((await http.post("/v1/create-moment", files=hum)).json()["job_id"])
        async with following(http, job_id) as client:
            await client.until("PENDING")
            api.process.send(signal.SIGTERM)
            last = (await client.to_end()).rstrip("\n").rpartition("\n")[2]
    name, _, milliseconds = last.partition(": ")
    assert name == "retry"
    assert 2000 <= int(milliseconds) <= 4000
    await eventually(lambda: not api.process.alive)
    assert "cut because" not in api.process.log
    assert "Traceback" not in api.process.log
