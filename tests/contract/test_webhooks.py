"""Webhooks from the transition to the receiver: each at least once, in order, none after disabling."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import anyio
import anyio.abc
import msgspec
import pytest
from standardwebhooks import Webhook

from adapters.filesystem import FilesystemStore
from adapters.http.egress import guarded_client
from adapters.http.webhook_signing import new_secret
from adapters.http.webhooks import HttpWebhookSender
from adapters.toolkit.authorities import parse
from application.moments.forecast import Forecasts
from application.moments.read_status import ReadStatus
from application.ports.webhooks import ClaimedDelivery, DeliveryState
from application.webhooks.deliver import Deliver
from application.webhooks.delivery_loop import DeliveryLoop
from application.webhooks.payload import MAX_BYTES, WritePayload
from domain.errors import JobError
from domain.jobs.job import Job
from domain.jobs.transitions import Failed
from domain.webhooks.attempts import DELAYS, MAX_ATTEMPTS, MAX_CLAIMS, REFUSALS, Answer
from tests.support.fake_backlog import InMemoryBacklog
from tests.support.fake_queue import InMemoryJobs
from tests.support.jobs import HAPPY_PATH, STARTED
from tests.support.webhook_bench import EVERY, WebhookBench
from tests.support.webhook_receiver import CLOSE, LATE, SLOW, Receiver, receiving

pytestmark = pytest.mark.anyio

SECRET = new_secret()


@pytest.fixture
def bench(webhook_bench: WebhookBench) -> WebhookBench:
    return webhook_bench


class Workers:
    """Delivery loops over one database, as many as are started."""

    def __init__(self, bench: WebhookBench, group: anyio.abc.TaskGroup, deliver: Deliver) -> None:
        self._bench = bench
        self._group = group
        self.deliver = deliver

    def start(self, name: str) -> anyio.CancelScope:
        """Start another worker; return what stops it."""
        scope = anyio.CancelScope()

        async def run() -> None:
            with scope:
                await DeliveryLoop(
                    self._bench.queue, self.deliver, worker=name, ownerless=True, chance=lambda: 0.5, poll=0.05
                ).run()

        self._group.start_soon(run)
        return scope


@asynccontextmanager
async def working(bench: WebhookBench, *names: str, tmp_path: Any = None) -> AsyncIterator[Workers]:
    store = FilesystemStore(tmp_path, "http://moment.example", b"secret", timedelta(hours=1)) if tmp_path else None
    forecasts = Forecasts(InMemoryBacklog(InMemoryJobs()))
    status = ReadStatus(bench.jobs, store, forecasts, timedelta(days=30)) if store else None
    async with guarded_client([parse("127.0.0.1")]) as client, anyio.create_task_group() as group:
        sender = HttpWebhookSender(client, [SECRET], seconds=0.5)
        write = WritePayload(bench.jobs, status)  # type: ignore[arg-type] # thin ones need none
        workers = Workers(bench, group, Deliver(bench.queue, sender, write, lambda: 0.5))
        for name in names:
            workers.start(name)
        yield workers
        group.cancel_scope.cancel()


async def settled(bench: WebhookBench, jobs: Sequence[Job], state: DeliveryState, patience: float = 15) -> None:
    """Wait until every delivery of the jobs is in a state."""
    with anyio.fail_after(patience):
        while {found.state for job in jobs for found in await bench.deliveries.of_job(job.id, 100)} != {state}:
            await anyio.sleep(0.02)


async def retried(bench: WebhookBench, job: Job, attempts: int) -> None:
    """Wait until a delivery was tried so often and is to be tried again, then let the time come."""
    with anyio.fail_after(15):
        while True:
            (found,) = await bench.deliveries.of_job(job.id, 1)
            if len(found.log) >= attempts:
                break
            await anyio.sleep(0.01)
    await bench.pass_time(DELAYS[min(attempts, len(DELAYS)) - 1] * 1.2)


def verified(receiver: Receiver) -> None:
    for one in receiver.received:
        assert Webhook(SECRET).verify(one.body, one.headers) == one.document


async def test_a_whole_run_is_told_in_order_and_signed(bench: WebhookBench) -> None:
    async with receiving() as receiver, working(bench, "a", "b"):
        url = receiver.url("/hook?token=t")
        job = await bench.add(url, EVERY, client_reference="order 7")
        lease = await bench.claimed()
        for event in HAPPY_PATH:
            job = await bench.advance(job, lease, event)
        await settled(bench, [job], DeliveryState.DELIVERED)
    verified(receiver)
    assert [one.document["type"] for one in receiver.received] == [
        *("moment.pending", "moment.analyzing", "moment.rendering", "moment.mixing", "moment.completed")
    ]
    stamps = [one.document["timestamp"] for one in receiver.received]
    assert stamps == sorted(stamps)
    assert receiver.received[-1].document["data"] == {
        "id": str(job.id),
        "status": "COMPLETED",
        "client_reference": "order 7",
        "error": None,
    }
    assert receiver.received[0].path == "/hook?token=t"


async def test_many_workers_send_each_once_and_two_at_once_per_endpoint(bench: WebhookBench) -> None:
    async with receiving(slow=[SLOW], fast=[200]) as receiver:
        slow = [await bench.ended(url=receiver.url("/slow")) for _ in range(4)]
        fast = [await bench.ended(url=receiver.url("/fast")) for _ in range(30)]
        async with working(bench, "a", "b", "c"):
            await settled(bench, fast, DeliveryState.DELIVERED)
            await receiver.until(4, "/slow")
    assert receiver.together["/slow"] == 2
    assert receiver.together["/fast"] <= 2
    assert sorted(one.document["data"]["id"] for one in receiver.at("/fast")) == sorted(str(job.id) for job in fast)
    assert len({one.id for one in receiver.at("/slow")}) == len(slow)


async def test_what_fails_is_tried_again_under_the_same_id(bench: WebhookBench) -> None:
    turns: list[int | str] = [500, CLOSE, LATE, 302, 429, 200]
    async with receiving(hook=turns) as receiver, working(bench, "a"):
        job = await bench.ended(url=receiver.url("/hook"))
        for attempts in range(1, len(turns) + 1):
            await retried(bench, job, attempts)
        await settled(bench, [job], DeliveryState.DELIVERED)
        (delivery,) = await bench.deliveries.of_job(job.id, 10)
    assert {one.id for one in receiver.received} == {str(delivery.id)}
    assert [one.answer for one in receiver.received] == turns
    assert [answer.status for answer in delivery.log] == [500, None, None, 302, 429, 200]
    verified(receiver)


async def test_after_all_attempts_it_is_given_up_and_can_be_sent_again(
    bench: WebhookBench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "application.webhooks.deliver")
    async with receiving(hook=[500]) as receiver, working(bench, "a"):
        job = await bench.ended(url=receiver.url("/hook"))
        for attempts in range(1, MAX_ATTEMPTS + 1):
            await retried(bench, job, attempts)
        await settled(bench, [job], DeliveryState.FAILED)
        (delivery,) = await bench.deliveries.of_job(job.id, 10)
        assert len(delivery.log) == MAX_ATTEMPTS
        named = f"webhook {delivery.id} of job {job.id} to {receiver.url('/hook')}"
        assert [
            (record.levelname, record.getMessage()) for record in caplog.records if named in record.getMessage()
        ] == [
            ("INFO", f"{named} failed and is to be tried again: status_500"),
            ("WARNING", f"{named} is given up after {MAX_ATTEMPTS} attempts: status_500"),
        ]
        receiver.behave("/hook", 200)
        assert (await bench.deliveries.redeliver(job.id, delivery.id)).id == delivery.id
        await settled(bench, [job], DeliveryState.DELIVERED)
    assert receiver.received[-1].id == str(delivery.id)


async def test_410_disables_at_once(bench: WebhookBench, caplog: pytest.LogCaptureFixture) -> None:
    async with receiving(hook=[410]) as receiver:
        jobs = [await bench.ended(url=receiver.url("/hook?token=hush")) for _ in range(6)]
        receiver.behave("/hook?token=hush", 410)
        async with working(bench, "a", "b"):
            await settled(bench, jobs, DeliveryState.DROPPED)
            later = await bench.ended(url="", owner="")
            before = len(receiver.received)
            job = await bench.add(url="")
            await bench.jobs.cancel(job.id)
            await anyio.sleep(0.2)
        assert len(receiver.received) == before <= 2
    assert await bench.deliveries.of_job(later.id, 1) == []
    (line,) = [record.getMessage() for record in caplog.records if "is disabled" in record.getMessage()]
    assert line.endswith("it answered 410")
    assert "hush" not in line
    assert (await bench.deliveries.count()).disabled == (receiver.url("/hook?token=hush"),)


async def test_repeated_refusals_disable(bench: WebhookBench) -> None:
    async with receiving(hook=[404]) as receiver, working(bench, "a"):
        job = await bench.ended(url=receiver.url("/hook"))
        for attempts in range(1, REFUSALS):
            await retried(bench, job, attempts)
        await settled(bench, [job], DeliveryState.DROPPED)
        assert len(receiver.received) == REFUSALS


async def test_one_refused_delivery_does_not_stop_the_others(bench: WebhookBench) -> None:
    async with receiving(hook=[404]) as receiver, working(bench, "a"):
        url = receiver.url("/hook")
        refused = await bench.ended(url=url)
        for attempts in range(1, REFUSALS):
            await retried(bench, refused, attempts)
            if attempts == REFUSALS - 2:
                receiver.behave("/hook", 200)
                await settled(bench, [await bench.ended(url=url)], DeliveryState.DELIVERED)
                receiver.behave("/hook", 404)
        await receiver.until(REFUSALS)
    assert (await bench.deliveries.count()).disabled == ()


async def test_what_no_worker_survives_or_can_write_comes_to_an_end(bench: WebhookBench) -> None:
    async with receiving() as receiver, working(bench) as workers:
        job = await bench.ended(url=receiver.url("/hook"))
        await bench.pool.execute("UPDATE moment.webhook_deliveries SET attempt = $1", MAX_CLAIMS)
        workers.start("a")
        await settled(bench, [job], DeliveryState.FAILED)
        assert receiver.received == []


async def test_a_worker_that_dies_in_the_middle_is_replaced(bench: WebhookBench) -> None:
    class Stuck:
        """Sends and never hears of it, as a worker that was killed."""

        async def send(self, claimed: ClaimedDelivery, body: str) -> Answer:
            await anyio.sleep_forever()
            raise AssertionError

    async with receiving() as receiver, working(bench) as workers:
        job = await bench.ended(url=receiver.url("/hook"))
        (dead,) = await bench.queue.claim("dead", 1)
        workers.start("alive")
        await anyio.sleep(0.15)
        assert receiver.received == []
        await bench.pass_time(31)
        await settled(bench, [job], DeliveryState.DELIVERED)
        assert not await bench.queue.settle(dead, DeliveryState.FAILED, [])


async def test_a_worker_that_stops_gives_back_what_it_was_sending(bench: WebhookBench) -> None:
    async with receiving(hook=[LATE, 200]) as receiver, working(bench) as workers:
        job = await bench.ended(url=receiver.url("/hook"))
        stop = workers.start("first")
        await receiver.until(1)
        stop.cancel()
        workers.start("second")
        await settled(bench, [job], DeliveryState.DELIVERED, patience=5)
    (delivery,) = await bench.deliveries.of_job(job.id, 1)
    assert delivery.attempts == 1
    assert len(receiver.received) == 2


async def test_a_failure_is_told_with_its_reason(bench: WebhookBench) -> None:
    async with receiving() as receiver, working(bench, "a"):
        job = await bench.add(receiver.url("/hook"))
        failed = Failed(JobError("hum_silent", "the recording is silent", permanent=True))
        await bench.advance(job, await bench.claimed(), STARTED, failed)
        await settled(bench, [job], DeliveryState.DELIVERED)
    (one,) = receiver.received
    assert one.document["type"] == "moment.failed"
    assert one.document["data"]["error"]["code"] == "hum_silent"


async def test_the_whole_status_is_sent_if_it_is_wanted(bench: WebhookBench, tmp_path: Any) -> None:
    async with receiving() as receiver, working(bench, "a", tmp_path=tmp_path):
        job = await bench.ended(url=receiver.url("/hook"), webhook_whole=True)
        much = {"metadata": {"note": "la" * MAX_BYTES}}
        large = await bench.add(receiver.url("/hook"), webhook_whole=True)
        started = msgspec.structs.replace(STARTED, draft=msgspec.structs.replace(STARTED.draft, **much))
        large = await bench.advance(large, await bench.claimed(), started, Failed(JobError("tool_failed", "it failed")))
        await settled(bench, [job, large], DeliveryState.DELIVERED)
    found = {one.document["data"]["id"]: one.document["data"] for one in receiver.received}
    assert {"progress", "artifacts_detail", "blueprint_json"} <= set(found[str(job.id)])
    assert set(found[str(large.id)]) == {"id", "status", "client_reference", "error"}  # it would be too large


async def test_webhooks_never_touch_the_job(bench: WebhookBench) -> None:
    async with receiving(hook=[410]) as receiver, working(bench, "a"):
        job = await bench.ended(url=receiver.url("/hook"))
        before = await bench.pool.fetchrow("SELECT * FROM moment.jobs WHERE id = $1", job.id)
        await settled(bench, [job], DeliveryState.DROPPED)
        assert await bench.pool.fetchrow("SELECT * FROM moment.jobs WHERE id = $1", job.id) == before
