"""Idempotency keys: of several requests with one key, one is carried out. Over memory and over Postgres."""

from uuid import uuid4

import anyio
import pytest

from application.ports.request_keys import HELD, KEPT, Claim, Fingerprint, Kept, KeyInUse, KeyReused
from domain.jobs.job import JobId
from tests.support.jobs import a_job
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio

REQUEST = Fingerprint(key=b"k" * 32, payload=b"p" * 32, body=b"b" * 32)
OTHER_BODY = Fingerprint(key=REQUEST.key, payload=REQUEST.payload, body=b"c" * 32)
OTHER_PAYLOAD = Fingerprint(key=REQUEST.key, payload=b"q" * 32, body=b"d" * 32)


def new_id() -> JobId:
    return JobId(uuid4())


async def claimed(bench: Bench) -> JobId:
    job_id = new_id()
    assert await bench.request_keys.claim(REQUEST, job_id) == Claim(job_id, again=False)
    return job_id


async def answered(bench: Bench) -> Kept:
    kept = Kept(await claimed(bench), '{"a": 1}')
    await bench.request_keys.answer(REQUEST.key, kept)
    return kept


async def test_an_answer_is_given_again_whatever_the_encoding(bench: Bench) -> None:
    kept = await answered(bench)
    assert await bench.request_keys.claim(REQUEST, new_id()) == kept
    assert await bench.request_keys.claim(OTHER_BODY, new_id()) == kept


async def test_the_body_alone_finds_the_answer(bench: Bench) -> None:
    assert await bench.request_keys.find(REQUEST.key, REQUEST.body) is None
    kept = await answered(bench)
    assert await bench.request_keys.find(REQUEST.key, REQUEST.body) == kept
    assert await bench.request_keys.find(REQUEST.key, OTHER_BODY.body) is None
    assert await bench.request_keys.find(b"l" * 32, REQUEST.body) is None


async def test_another_payload_is_refused_before_and_after_the_answer(bench: Bench) -> None:
    job_id = await claimed(bench)
    with pytest.raises(KeyReused):
        await bench.request_keys.claim(OTHER_PAYLOAD, new_id())
    await bench.request_keys.answer(REQUEST.key, Kept(job_id, "{}"))
    with pytest.raises(KeyReused):
        await bench.request_keys.claim(OTHER_PAYLOAD, new_id())


async def test_a_twin_is_told_to_wait(bench: Bench) -> None:
    await claimed(bench)
    assert await bench.request_keys.find(REQUEST.key, REQUEST.body) is None
    with pytest.raises(KeyInUse):
        await bench.request_keys.claim(REQUEST, new_id())


async def test_of_many_at_once_one_has_the_key(bench: Bench) -> None:
    claims: list[Claim | Kept] = []
    refused = 0

    async def claim() -> None:
        nonlocal refused
        try:
            claims.append(await bench.request_keys.claim(REQUEST, new_id()))
        except KeyInUse:
            refused += 1

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(claim)
    assert (len(claims), refused) == (1, 19)


async def test_a_try_that_was_given_up_is_continued_under_its_id(bench: Bench) -> None:
    job_id = await claimed(bench)
    await bench.request_keys.release(REQUEST.key, job_id)
    with pytest.raises(KeyReused):
        await bench.request_keys.claim(OTHER_PAYLOAD, new_id())
    assert await bench.request_keys.claim(OTHER_BODY, new_id()) == Claim(job_id, again=True)
    with pytest.raises(KeyInUse):
        await bench.request_keys.claim(REQUEST, new_id())


async def test_a_try_that_died_is_continued_after_a_while(bench: Bench) -> None:
    job_id = await claimed(bench)
    await bench.pass_time(HELD.total_seconds() + 1)
    assert await bench.request_keys.claim(REQUEST, new_id()) == Claim(job_id, again=True)


async def test_a_refused_request_leaves_its_key_free(bench: Bench) -> None:
    job_id = await claimed(bench)
    await bench.request_keys.forget(REQUEST.key, job_id)
    assert isinstance(await bench.request_keys.claim(OTHER_PAYLOAD, new_id()), Claim)


async def test_an_answer_is_neither_forgotten_nor_released(bench: Bench) -> None:
    kept = await answered(bench)
    await bench.request_keys.forget(REQUEST.key, kept.job_id)
    await bench.request_keys.release(REQUEST.key, kept.job_id)
    assert await bench.request_keys.claim(REQUEST, new_id()) == kept


async def test_a_key_is_free_after_a_day(bench: Bench) -> None:
    kept = await answered(bench)
    await bench.pass_time(KEPT.total_seconds() - 60)
    assert await bench.request_keys.claim(REQUEST, new_id()) == kept
    await bench.pass_time(120)
    assert await bench.request_keys.find(REQUEST.key, REQUEST.body) is None
    anew = new_id()
    assert await bench.request_keys.claim(OTHER_PAYLOAD, anew) == Claim(anew, again=False)
    await bench.request_keys.answer(REQUEST.key, kept)  # of the try before: too late
    with pytest.raises(KeyInUse):
        await bench.request_keys.claim(OTHER_PAYLOAD, new_id())


async def test_old_keys_are_removed_a_few_at_a_time(bench: Bench) -> None:
    keys = [bytes([number]) * 32 for number in range(3)]
    for key in keys:
        await bench.request_keys.claim(Fingerprint(key=key, payload=key, body=key), new_id())
    await bench.request_keys.forget_old(10)
    with pytest.raises(KeyInUse):
        await bench.request_keys.claim(Fingerprint(key=keys[0], payload=keys[0], body=keys[0]), new_id())
    await bench.pass_time(KEPT.total_seconds() + 1)
    await bench.request_keys.forget_old(2)
    assert await remaining(bench) == 1
    await bench.request_keys.forget_old(2)
    assert await remaining(bench) == 0


async def remaining(bench: Bench) -> int:
    """Return how many rows there are."""
    rows = getattr(bench.request_keys, "rows", None)
    if rows is not None:
        return len(rows)
    return int(await bench.request_keys._pool.fetchval("SELECT count(*) FROM moment.request_keys"))  # type: ignore[attr-defined]


async def test_a_job_that_is_added_twice_is_there_once(bench: Bench) -> None:
    job = a_job()
    await bench.jobs.add(job)
    await bench.jobs.add(job)
    assert (await bench.jobs.get(job.id)).job == job
