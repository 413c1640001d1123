"""Deliveries as workers see them: leases with tokens, two at once for an endpoint, order, backoff, disabling."""

from datetime import UTC, datetime, timedelta

import anyio
import asyncpg
import msgspec
import pytest

from adapters.postgres.delivery_queue import LEASE
from application.ports.webhooks import ClaimedDelivery, DeliveryState, EndpointDisabled
from domain.webhooks.attempts import LOGGED, Answer
from tests.support.jobs import NOW, STARTED
from tests.support.webhook_bench import EVERY, URL, WebhookBench

pytestmark = pytest.mark.anyio

ANSWER = Answer(at=NOW, status=500, error="status_500", seconds=0.1)
OK = Answer(at=NOW, status=200)


@pytest.fixture
def bench(webhook_bench: WebhookBench) -> WebhookBench:
    return webhook_bench


async def only(bench: WebhookBench, worker: str = "w") -> ClaimedDelivery:
    (claimed,) = await bench.queue.claim(worker, 10)
    return claimed


async def test_what_fails_is_counted_until_it_arrives(bench: WebhookBench) -> None:
    await bench.ended()
    claimed = await only(bench)
    assert (await bench.deliveries.count()).failing == 0
    now = await bench.pool.fetchval("SELECT now()")
    first, last = (msgspec.structs.replace(ANSWER, at=now - timedelta(minutes=ago)) for ago in (9, 1))
    await bench.queue.settle(claimed, DeliveryState.PENDING, [first])
    await bench.queue.settle(await only(bench), DeliveryState.PENDING, [first, last])
    counts = await bench.deliveries.count()
    assert (counts.failing, counts.failing_for // timedelta(minutes=1)) == (1, 9)
    (endpoint,) = await bench.endpoints.list_endpoints()
    assert (endpoint.events, endpoint.failing, endpoint.last_failure) == (None, 1, last)
    await bench.queue.settle(await only(bench), DeliveryState.DELIVERED, [first, last, OK])
    counts = await bench.deliveries.count()
    assert (counts.failing, counts.failing_for) == (0, timedelta(0))
    assert await bench.endpoints.list_endpoints() == []


async def test_what_is_sent_again_fails_anew(bench: WebhookBench) -> None:
    job = await bench.ended()
    claimed = await only(bench)
    now = await bench.pool.fetchval("SELECT now()")
    before, anew = (msgspec.structs.replace(ANSWER, at=now - timedelta(minutes=ago)) for ago in (99, 2))
    await bench.queue.settle(claimed, DeliveryState.FAILED, [before])
    await bench.deliveries.redeliver(job.id, claimed.id)
    assert (await bench.deliveries.count()).failing == 0
    await bench.queue.settle(await only(bench), DeliveryState.PENDING, [before, anew])
    assert (await bench.deliveries.count()).failing_for // timedelta(minutes=1) == 2


async def test_what_is_claimed_says_what_there_is_to_send(bench: WebhookBench) -> None:
    job = await bench.ended(client_reference="order 7", webhook_whole=True)
    claimed = await only(bench)
    assert (claimed.job_id, claimed.event, claimed.url) == (job.id, "moment.cancelled", URL)
    assert (claimed.client_reference, claimed.whole, claimed.attempt) == ("order 7", True, 1)
    assert claimed.place == URL.partition("?")[0]
    assert (claimed.secrets, claimed.log) == ((), ())
    assert await bench.queue.claim("other", 10) == []


async def test_an_endpoint_gets_two_at_once_from_all_workers(bench: WebhookBench) -> None:
    for _ in range(8):
        await bench.ended()
        await bench.ended(url=URL + "2")
    claims: list[ClaimedDelivery] = []

    async def claim(worker: str) -> None:
        claims.extend(await bench.queue.claim(worker, 10))

    async with anyio.create_task_group() as workers:
        for number in range(6):
            workers.start_soon(claim, f"w{number}")
    claims += await bench.queue.claim("last", 10)  # a worker passes over endpoints that another looks at
    assert sorted(claimed.url for claimed in claims) == [URL, URL, URL + "2", URL + "2"]
    assert len({claimed.id for claimed in claims}) == 4
    await bench.queue.settle(claims[0], DeliveryState.DELIVERED, [OK])
    (another,) = await bench.queue.claim("w", 10)
    assert another.url == claims[0].url


async def test_a_worker_claims_no_more_than_it_has_room_for(bench: WebhookBench) -> None:
    for number in range(5):
        await bench.ended(url=f"{URL}{number}")
    assert len(await bench.queue.claim("w", 3)) == 3
    assert len(await bench.queue.claim("w", 3)) == 2


async def test_the_oldest_goes_first(bench: WebhookBench) -> None:
    jobs = [await bench.ended() for _ in range(4)]
    found = [*await bench.queue.claim("w", 10)]
    for claimed in found:
        await bench.queue.settle(claimed, DeliveryState.DELIVERED, [OK])
    found += await bench.queue.claim("w", 10)
    assert [claimed.job_id for claimed in found] == [job.id for job in jobs]


async def test_an_event_waits_for_those_of_its_job_before_it(bench: WebhookBench) -> None:
    job = await bench.add(events=EVERY)
    await bench.advance(job, await bench.claimed(), STARTED)
    first = await only(bench)
    await bench.queue.settle(first, DeliveryState.PENDING, [ANSWER], timedelta(minutes=1))
    assert await bench.queue.claim("w", 10) == []
    other = await bench.ended()
    taken = await only(bench)
    assert taken.job_id == other.id
    await bench.queue.settle(taken, DeliveryState.DELIVERED, [OK])
    await bench.pass_time(60)
    again = await only(bench)
    assert (again.id, again.attempt, again.log) == (first.id, 2, (ANSWER,))
    await bench.queue.settle(again, DeliveryState.DELIVERED, [ANSWER, OK])
    assert (await only(bench)).event == "moment.analyzing"


async def test_what_a_dead_worker_held_is_claimed_again_and_it_settles_nothing(bench: WebhookBench) -> None:
    await bench.ended()
    dead = await only(bench, "dead")
    await bench.pass_time(LEASE.total_seconds() + 1)
    other = await only(bench, "other")
    assert (other.id, other.token, other.attempt) == (dead.id, dead.token + 1, 2)
    assert not await bench.queue.settle(dead, DeliveryState.DELIVERED, [OK])
    assert await bench.queue.settle(other, DeliveryState.DELIVERED, [OK])
    assert not await bench.queue.settle(other, DeliveryState.FAILED, [ANSWER])


async def test_what_is_released_is_claimed_at_once_and_costs_no_attempt(bench: WebhookBench) -> None:
    await bench.ended()
    claimed = await only(bench)
    await bench.queue.release([claimed])
    again = await only(bench)
    assert (again.id, again.attempt) == (claimed.id, 1)


async def test_a_delivery_remembers_its_last_attempts(bench: WebhookBench) -> None:
    job = await bench.ended()
    many = [Answer(at=NOW + timedelta(seconds=number), error="timeout") for number in range(LOGGED + 5)]
    await bench.queue.settle(await only(bench), DeliveryState.FAILED, many)
    (delivery,) = await bench.deliveries.of_job(job.id, 10)
    assert (delivery.log, delivery.state, delivery.due_at) == (tuple(many[-LOGGED:]), DeliveryState.FAILED, None)


async def test_a_disabled_endpoint_gets_nothing_more(bench: WebhookBench) -> None:
    jobs = [await bench.ended() for _ in range(4)]
    first, second = await bench.queue.claim("w", 10)
    await bench.queue.settle(first, DeliveryState.DROPPED, [ANSWER])
    assert await bench.queue.disable(first, "it answered 410")
    assert not await bench.queue.disable(first, "again")
    assert await bench.queue.claim("w", 10) == []
    assert not await bench.queue.settle(second, DeliveryState.DELIVERED, [OK])
    states = [found.state for job in jobs for found in await bench.deliveries.of_job(job.id, 10)]
    assert states == [DeliveryState.DROPPED] * 4
    with pytest.raises(EndpointDisabled, match="it answered 410"):
        await bench.endpoints.name("", URL)


async def test_an_endpoint_that_takes_others_is_not_disabled(bench: WebhookBench) -> None:
    await bench.ended()
    await bench.ended()
    first, second = await bench.queue.claim("w", 10)
    before = datetime.now(UTC) - timedelta(minutes=1)
    await bench.queue.settle(second, DeliveryState.DELIVERED, [OK])
    assert not await bench.queue.disable(first, "it refused", before)
    assert await bench.queue.disable(first, "it refused", datetime.now(UTC) + timedelta(minutes=1))


async def test_a_request_tries_a_disabled_endpoint_again_a_day_later(bench: WebhookBench) -> None:
    await bench.ended()
    assert await bench.queue.disable(await only(bench), "it answered 410")
    await bench.pool.execute("UPDATE moment.webhook_endpoints SET disabled_at = disabled_at - interval '25 h'")
    assert await bench.endpoints.name("", URL) is False
    await bench.ended()
    assert (await only(bench)).url == URL


async def test_a_worker_without_a_secret_leaves_what_has_no_owner(bench: WebhookBench) -> None:
    await bench.endpoints.add_secret("anna", "whsec_new")
    await bench.ended()
    job = await bench.ended(owner="anna")
    (claimed,) = await bench.queue.claim("w", 10, ownerless=False)
    assert (claimed.job_id, claimed.secrets) == (job.id, ("whsec_new",))


async def test_two_secrets_sign_while_one_is_replaced(bench: WebhookBench) -> None:
    assert await bench.endpoints.add_secret("anna", "whsec_old")
    assert not await bench.endpoints.add_secret("anna", "whsec_other")
    await bench.endpoints.rotate_secret("anna", "whsec_new", timedelta(hours=1))
    await bench.ended(owner="anna")
    claimed = await only(bench)
    assert claimed.secrets == ("whsec_new", "whsec_old")
    await bench.queue.release([claimed])
    await bench.pool.execute("UPDATE moment.webhook_secrets SET former_until = now()")
    assert (await only(bench)).secrets == ("whsec_new",)


async def test_what_is_old_is_forgotten(bench: WebhookBench) -> None:
    job, waiting = await bench.ended(), await bench.ended(url=URL + "2")
    for claimed in await bench.queue.claim("w", 10):
        if claimed.job_id == job.id:
            await bench.queue.settle(claimed, DeliveryState.DELIVERED, [OK])
    await bench.pass_time(100)
    await bench.pool.execute("UPDATE moment.webhook_endpoints SET named_at = named_at - interval '100 s'")
    await bench.queue.forget_old(timedelta(seconds=200), 10)
    assert len(await bench.deliveries.of_job(job.id, 10)) == 1
    await bench.queue.forget_old(timedelta(seconds=50), 10)
    assert await bench.deliveries.of_job(job.id, 10) == []
    assert len(await bench.deliveries.of_job(waiting.id, 10)) == 1
    assert await bench.pool.fetchval("SELECT array_agg(url) FROM moment.webhook_endpoints") == [URL + "2"]


async def test_a_job_that_is_being_deleted_tells_nothing(bench: WebhookBench) -> None:
    job = await bench.ended()
    await bench.pool.execute("UPDATE moment.jobs SET expiring = true WHERE id = $1", job.id)
    assert await bench.queue.claim("w", 10) == []


JOBS = """
INSERT INTO moment.jobs (id, status, version, output_kind, document, finished_at)
SELECT gen_random_uuid(), 'CANCELLED', 1, 'preview', '{}', now() FROM generate_series(1, 4000)
"""
BUSY = """
INSERT INTO moment.webhook_deliveries (job_id, endpoint_id, event, occurred_at, due_at)
SELECT id, $1, 'moment.cancelled', now(), now() FROM moment.jobs
"""
WAITING = """
INSERT INTO moment.webhook_deliveries (job_id, endpoint_id, event, occurred_at, due_at)
SELECT (SELECT id FROM moment.jobs LIMIT 1), endpoint.id, 'moment.cancelled', now(), now() + interval '1 hour'
FROM moment.webhook_endpoints AS endpoint, generate_series(1, 10) WHERE endpoint.id <> $1
"""
PLAN = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM moment.claim_deliveries('w', '30 s', 10, 2, true)"


@pytest.mark.parametrize("analyzed", [False, True])
async def test_a_claim_costs_little_beside_a_backlog(pool: asyncpg.Pool, analyzed: bool) -> None:
    """Blocks are counted, not milliseconds: 4,000 deliveries of a busy endpoint, and 300 endpoints that wait."""
    bench = WebhookBench(pool)
    for number in range(301):
        await bench.endpoints.name("", f"{URL}{number}")
    busy = await bench.pool.fetchval("SELECT id FROM moment.webhook_endpoints LIMIT 1")
    await bench.pool.execute(JOBS)
    await bench.pool.execute(BUSY, busy)
    await bench.pool.execute(WAITING, busy)
    async with bench.pool.acquire() as connection:
        if analyzed:
            await connection.execute("ANALYZE moment.webhook_deliveries, moment.jobs, moment.webhook_endpoints")
        claims, blocks = 0, 0
        for _ in range(3):  # an endpoint may be out of the reach of one claim
            (plan,) = msgspec.json.decode(await connection.fetchval(PLAN))
            claims += plan["Plan"]["Actual Rows"]
            blocks = max(blocks, plan["Plan"]["Shared Hit Blocks"])
    assert claims == 2
    assert blocks < 4_500  # 20,000 if it looked at every delivery
