"""In which order jobs are claimed that were not begun: over memory and over Postgres."""

from datetime import timedelta

import anyio
import asyncpg
import pytest

from adapters.postgres.documents import write_document
from application.ports.jobs import TooManyWaiting
from domain.blueprints.blueprint import OutputKind
from domain.jobs.attempts import Charge
from domain.jobs.job import Job, JobId
from tests.support.jobs import FAILED, NOW, a_job_of, room_for
from tests.support.queue_bench import Bench, MemoryBench

pytestmark = pytest.mark.anyio

PREVIEW, SONG = OutputKind.PREVIEW, OutputKind.SONG


@pytest.fixture(params=["memory", "postgres_bench"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """Provide the queue over memory and over Postgres; what differs between servers is tested elsewhere."""
    return MemoryBench() if request.param == "memory" else request.getfixturevalue(request.param)


async def sent(bench: Bench, client: str, count: int = 1, kind: OutputKind = PREVIEW, **more: object) -> list[JobId]:
    """Send jobs one after the other."""
    jobs = [a_job_of(client, kind, **more) for _ in range(count)]
    for job in jobs:
        await bench.jobs.add(job)
        await bench.pass_time(0.001)
    return [job.id for job in jobs]


async def claimed(bench: Bench, count: int = 1, **more: object) -> list[JobId]:
    """Claim jobs one by one."""
    found = []
    for _ in range(count):
        found += [claim.job.id for claim in await bench.queue.claim(room_for("w", 1, **more))]
    return found


async def line(bench: Bench) -> list[JobId]:
    return [job_id for job_id, _ in (await bench.backlog.read()).waiting]


async def test_clients_take_turns_whatever_one_of_them_sent_before(bench: Bench) -> None:
    greedy = await sent(bench, "greedy", 6)
    modest = await sent(bench, "modest", 2)
    fair = [greedy[0], modest[0], greedy[1], *greedy[2:3], modest[1]]  # the fourth goes by age
    assert (await line(bench))[:5] == fair
    assert await claimed(bench, 5) == fair


async def test_the_line_is_the_order_of_the_claims(bench: Bench) -> None:
    for client in ("a", "b", "", "a", "c", "a"):
        await sent(bench, client)
        await sent(bench, client, 2, SONG)
    await sent(bench, "b", urgent=True)
    while jobs := await line(bench):
        assert await claimed(bench) == jobs[:1]


async def test_those_who_were_away_owe_nothing_and_save_nothing(bench: Bench) -> None:
    early = await sent(bench, "early", 6)
    assert await claimed(bench, 6) == early
    late = await sent(bench, "late", 3)
    again = await sent(bench, "early", 3)
    assert await line(bench) == [
        late[0],
        late[1],
        again[0],
        again[1],
        late[2],
        again[2],
    ]  # the 7th to 12th


async def test_a_client_that_sends_one_job_at_a_time_does_not_overtake_for_ever(bench: Bench) -> None:
    greedy = await sent(bench, "greedy", 12)
    order = []
    for _ in range(8):
        await sent(bench, "one by one")
        order += await claimed(bench)
    assert sum(job_id in greedy for job_id in order) in {4, 5}


async def test_nobody_knows_who_sent_it_so_each_job_is_a_newcomers(bench: Bench) -> None:
    known = await sent(bench, "known", 3)
    unknown = await sent(bench, "", 3)
    assert await line(bench) == [known[0], *unknown[:2], known[1], unknown[2], known[2]]


async def test_previews_go_before_songs_and_songs_do_not_starve(bench: Bench) -> None:
    songs = await sent(bench, "greedy", 20, SONG)
    previews = await sent(bench, "victim", 9)
    order = await claimed(bench, 12)
    assert [job_id for job_id in order if job_id in previews] == previews
    assert [index for index, job_id in enumerate(order) if job_id in songs] == [3, 7, 11]


async def test_a_full_worker_that_takes_many_takes_every_fourth_by_age(bench: Bench) -> None:
    songs = await sent(bench, "greedy", 20, SONG)
    await sent(bench, "victim", 20)
    claims = await bench.queue.claim(room_for("w", 12))
    assert sum(claim.job.id in songs for claim in claims) == 3


async def test_urgent_jobs_go_before_all_that_were_not_begun(bench: Bench) -> None:
    begun, *_ = await sent(bench, "a", 3)
    (claim,) = await bench.queue.claim(room_for("w", 1))
    await bench.queue.retry(claim.lease, timedelta(0), Charge.TIME)
    song, preview = await sent(bench, "b", kind=SONG, urgent=True), await sent(bench, "b", urgent=True)
    assert (await claimed(bench, 5))[:3] == [begun, *preview, *song]


async def test_a_worker_takes_the_lines_that_it_can_serve(bench: Bench) -> None:
    await sent(bench, "a", 2)
    songs = await sent(bench, "a", 2, SONG)
    assert await claimed(bench, 3, kinds=[SONG]) == songs
    assert await claimed(bench, 1, kinds=[]) == []


async def test_a_retried_job_takes_a_turn_like_a_new_one(bench: Bench) -> None:
    first, *others = await sent(bench, "a", 3)
    (claim,) = await bench.queue.claim(room_for("w", 1))
    await bench.queue.retry(claim.lease, timedelta(0))
    (claim,) = await bench.queue.claim(room_for("w", 1))
    await bench.queue.save(claim.lease, claim.job.on(FAILED, NOW))
    await bench.job_admin.retry(first)
    assert await line(bench) == [*others, first]


async def test_a_job_whose_deadline_passed_is_claimed_at_once_to_be_ended(bench: Bench) -> None:
    await sent(bench, "a", 3)
    (late,) = await sent(bench, "a", kind=SONG, deadline=bench.now() + timedelta(seconds=60))
    assert (await line(bench))[-1] == late
    await bench.pass_time(61)
    await bench.job_admin.pause([SONG])
    (claim,) = await bench.queue.claim(room_for("w", 1, kinds=[]))
    assert claim.job.id == late
    assert claim.deadline is not None
    assert claim.deadline <= claim.claimed_at
    assert await claimed(bench, kinds=[]) == []


async def test_a_delayed_job_does_not_outwait_its_deadline(bench: Bench) -> None:
    await sent(bench, "a", deadline=bench.now() + timedelta(seconds=60))
    (claim,) = await bench.queue.claim(room_for("w", 1))
    await bench.queue.retry(claim.lease, timedelta(hours=1))
    assert await claimed(bench) == []
    await bench.pass_time(61)
    assert await claimed(bench) == [claim.job.id]


async def test_a_retry_has_no_deadline(bench: Bench) -> None:
    (job_id,) = await sent(bench, "a", deadline=bench.now() + timedelta(seconds=60))
    (claim,) = await bench.queue.claim(room_for("w", 1))
    await bench.queue.save(claim.lease, claim.job.on(FAILED, NOW))
    await bench.job_admin.retry(job_id)
    await bench.pass_time(61)
    (claim,) = await bench.queue.claim(room_for("w", 1))
    assert (claim.deadline, claim.job.request.deadline) == (None, None)


async def test_turns_that_are_over_are_forgotten_and_change_nothing(bench: Bench) -> None:
    await sent(bench, "a", 2)
    await sent(bench, "b", 4)
    await claimed(bench, 6)
    await bench.retention_store.forget_turns(9)
    late, again = await sent(bench, "a", 2), await sent(bench, "b", 2)
    assert await line(bench) == [late[0], late[1], again[0], again[1]]  # by turn, and the eighth by age


async def test_a_client_may_have_so_many_jobs_waiting_and_no_more(bench: Bench) -> None:
    async def send(client: str) -> bool:
        try:
            await bench.jobs.add(a_job_of(client), most_waiting=3)
        except TooManyWaiting:
            return False
        return True

    let_in: list[bool] = []

    async def send_one() -> None:
        let_in.append(await send("greedy"))

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(send_one)
    assert sum(let_in) == 3
    assert await send("modest")
    assert await send("")
    await claimed(bench, 3)
    assert await send("greedy")


async def test_a_request_that_is_repeated_has_one_job(bench: Bench) -> None:
    job: Job = a_job_of("a")
    await bench.jobs.add(job, most_waiting=3)
    await bench.jobs.add(job, most_waiting=3)
    assert await line(bench) == [job.id]


BEFORE = """
INSERT INTO moment.jobs (id, status, version, output_kind, document, format)
VALUES ($1, 'PENDING', 0, 'preview', $2, 1)
"""
CLAIM_BEFORE = "SELECT id FROM moment.claim_jobs_2($1, $2, $3, $4, $5, $6, $7, $8)"


async def test_versions_before_insert_and_claim_beside_this_one(postgres_bench: Bench, pool: asyncpg.Pool) -> None:
    early, late = a_job_of(""), a_job_of("")
    await pool.execute(BEFORE, early.id, write_document(early))
    ours = await sent(postgres_bench, "a", 2)
    await pool.execute(BEFORE, late.id, write_document(late))
    assert await line(postgres_bench) == [early.id, ours[0], late.id, ours[1]]
    assert await claimed(postgres_bench) == [early.id]
    arguments = "old", timedelta(seconds=30), 2, list(OutputKind), 1, timedelta(days=1), True, 2
    assert [row["id"] for row in await pool.fetch(CLAIM_BEFORE, *arguments)] == ours  # by age
    assert await claimed(postgres_bench, 2) == [late.id]
