"""The queue of formats: each is made once, by one worker at a time, and ends in its job. Over memory and Postgres."""

from datetime import timedelta
from uuid import uuid4

import anyio
import pytest

from application.ports.conversions import MOST_OF_CLIENT, NO_JOB, Conversion, TooManyConversions
from domain.jobs.artifacts import Stem
from domain.jobs.conversions import CONVERTED_NAMES
from domain.jobs.job import JobId
from domain.jobs.output_formats import MEDIA_TYPES
from domain.jobs.transitions import JobStatus
from tests.support.jobs import HAPPY_PATH, JOB_ID, NOW, a_job, a_job_of, an_artifact, room_for
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio

LEASE = timedelta(seconds=30)
FORMATS = [f"final_{name}" for name in MEDIA_TYPES]
WAV = an_artifact("format-1/final_wav_44100.wav")


async def completed(bench: Bench) -> None:
    await bench.jobs.add(a_job())
    (claim,) = await bench.queue.claim(room_for("w", 1))
    job = claim.job
    for event in HAPPY_PATH:
        job = job.on(event, NOW)
    await bench.queue.save(claim.lease, job)


async def claimed(bench: Bench) -> Conversion:
    found = await bench.conversions.claim(LEASE)
    assert found
    return found


@pytest.fixture
async def asked(bench: Bench) -> Bench:
    """Give a bench with a completed job that somebody wants as WAV."""
    await completed(bench)
    assert await bench.conversions.request(JOB_ID, "final_wav_44100") == ""
    return bench


async def test_a_format_is_made_once_however_often_it_is_asked_for(asked: Bench) -> None:
    assert await asked.conversions.request(JOB_ID, "final_wav_44100") == ""
    first = await claimed(asked)
    assert (first.job_id, first.order, first.attempt, first.errors) == (JOB_ID, "final_wav_44100", 1, 1)
    assert await asked.conversions.request(JOB_ID, "final_wav_44100") == ""
    assert await asked.conversions.claim(LEASE) is None


async def test_of_many_workers_each_gets_another_one(asked: Bench) -> None:
    await asked.conversions.request(JOB_ID, "final_flac_44100")
    found = list[Conversion | None]()

    async def claim() -> None:
        found.append(await asked.conversions.claim(LEASE))

    async with anyio.create_task_group() as group:
        for _ in range(6):
            group.start_soon(claim)
    assert sorted(each.order for each in found if each) == ["final_flac_44100", "final_wav_44100"]


async def test_what_one_client_asks_for_does_not_wait_for_all_of_another(bench: Bench) -> None:
    greedy, modest = a_job_of("greedy"), a_job_of("modest")
    await bench.jobs.add(greedy)
    await bench.jobs.add(modest)
    for output_format in FORMATS[:3]:
        await bench.conversions.request(greedy.id, output_format)
    await bench.conversions.request(modest.id, FORMATS[0])
    turns = [(await claimed(bench)).job_id for _ in range(4)]
    assert turns == [greedy.id, modest.id, greedy.id, greedy.id]


async def test_one_client_may_wait_for_as_much_as_a_moment_has_and_no_more(bench: Bench) -> None:
    greedy, second, modest, unknown = [a_job_of(client) for client in ("greedy", "greedy", "modest", "")]
    for job in (greedy, second, modest, unknown):
        await bench.jobs.add(job)
    orders = sorted(CONVERTED_NAMES)
    for order in orders:
        assert await bench.conversions.request(greedy.id, order) == ""
    for _ in range(2):
        with pytest.raises(TooManyConversions):
            await bench.conversions.request(second.id, orders[0])
    assert await bench.conversions.request(greedy.id, orders[0]) == "", "it waits already"
    assert await bench.conversions.request(modest.id, orders[0]) == ""
    for number in range(MOST_OF_CLIENT + 1):
        assert await bench.conversions.request(unknown.id, f"format {number}") == "", "nobody knows whose it is"
    await bench.conversions.fail(await claimed(bench), "tool_failed")
    assert await bench.conversions.request(second.id, orders[0]) == ""


async def test_deleting_moments_gives_no_turns_before_others(bench: Bench) -> None:
    """Convert, delete, convert: what a client has asked for of moments that are gone counts until it is forgotten."""
    modest, greedy = a_job_of("modest"), [a_job_of("greedy") for _ in range(3)]
    for job in (*greedy, modest):
        await bench.jobs.add(job)
    for job in greedy:
        await bench.conversions.request(job.id, FORMATS[0])
        await bench.jobs.cancel(job.id)
        await bench.job_admin.delete(job.id)
    await bench.conversions.request(modest.id, FORMATS[0])
    turns = [(await claimed(bench)).job_id for _ in range(2)]
    assert turns == [greedy[0].id, modest.id]


async def test_the_result_is_part_of_the_job(asked: Bench) -> None:
    before = (await asked.jobs.get(JOB_ID)).job
    assert await asked.conversions.finish(await claimed(asked), WAV)
    after = (await asked.jobs.get(JOB_ID)).job
    assert after.checkpoints[Stem.INSTRUMENTAL].extras == {"final_wav_44100": WAV}
    assert (after.status, after.version, after.final) == (JobStatus.COMPLETED, before.version + 1, before.final)
    assert WAV.key in after.objects
    assert (await asked.jobs.revisions([JOB_ID]))[JOB_ID].version == after.version
    assert await asked.conversions.claim(LEASE) is None


async def test_after_a_lost_worker_another_one_makes_it_and_the_first_may_write_no_more(asked: Bench) -> None:
    lost = await claimed(asked)
    await asked.pass_time(20)
    assert await asked.conversions.renew(lost, LEASE)
    await asked.pass_time(20)
    assert await asked.conversions.claim(LEASE) is None
    await asked.pass_time(11)
    second = await claimed(asked)
    assert (second.attempt, second.errors) == (2, 2)
    assert not await asked.conversions.renew(lost, LEASE)
    assert not await asked.conversions.finish(lost, WAV)
    await asked.conversions.fail(lost, "tool_failed")
    await asked.conversions.give_back(lost, timedelta(0), counted=True)
    assert await asked.conversions.finish(second, WAV)


async def test_what_is_given_back_waits_and_counts_if_it_shall(asked: Bench) -> None:
    await asked.conversions.give_back(await claimed(asked), timedelta(seconds=5), counted=False)
    assert await asked.conversions.claim(LEASE) is None
    await asked.pass_time(5)
    again = await claimed(asked)
    assert (again.attempt, again.errors) == (2, 1)
    await asked.conversions.give_back(again, timedelta(0), counted=True)
    assert (await claimed(asked)).errors == 2


async def test_what_failed_is_told_and_begins_anew_after_a_while(asked: Bench) -> None:
    await asked.conversions.fail(await claimed(asked), "tool_failed")
    assert await asked.conversions.request(JOB_ID, "final_wav_44100") == "tool_failed"
    assert await asked.conversions.claim(LEASE) is None
    await asked.pass_time(11 * 60)
    assert await asked.conversions.request(JOB_ID, "final_wav_44100") == ""
    assert (await claimed(asked)).errors == 1


async def test_of_a_job_that_is_gone_nothing_is_made(asked: Bench) -> None:
    conversion = await claimed(asked)
    await asked.job_admin.delete(JOB_ID)
    assert not await asked.conversions.renew(conversion, LEASE)
    assert not await asked.conversions.finish(conversion, WAV)
    assert await asked.conversions.request(JobId(uuid4()), "final_wav_44100") == ""
    await asked.pass_time(60)
    await asked.conversions.forget_old(timedelta(days=1), 10)
    assert await asked.conversions.claim(LEASE) is None


async def test_what_belongs_to_no_job_needs_none_and_has_turns_of_its_own(asked: Bench) -> None:
    for order in ("sample a", "sample b", "sample b"):
        assert await asked.conversions.request(NO_JOB, order) == ""
    await asked.conversions.forget_old(timedelta(days=1), 10)
    music, first, second = [await claimed(asked) for _ in range(3)]
    assert [each.order for each in (music, first, second)] == ["final_wav_44100", "sample a", "sample b"]
    assert await asked.conversions.renew(first, LEASE)
    assert await asked.conversions.finish(first, WAV)
    assert not await asked.conversions.finish(first, WAV)
    await asked.conversions.fail(second, "tool_failed")
    assert await asked.conversions.request(NO_JOB, "sample b") == "tool_failed"
    assert await asked.conversions.claim(LEASE) is None


async def test_a_format_of_a_stem_is_kept_beside_the_stem(asked: Bench) -> None:
    await asked.conversions.fail(await claimed(asked), "tool_failed")
    await asked.conversions.request(JOB_ID, "vocals_m4a_44100_128")
    assert await asked.conversions.finish(await claimed(asked), WAV)
    job = (await asked.jobs.get(JOB_ID)).job
    assert job.checkpoints[Stem.INSTRUMENTAL].extras == {"vocals_m4a_44100_128": WAV}


async def test_what_a_newer_version_asks_for_is_never_finished(asked: Bench) -> None:
    await asked.conversions.fail(await claimed(asked), "tool_failed")
    await asked.conversions.request(JOB_ID, "final_vinyl")
    assert not await asked.conversions.finish(await claimed(asked), WAV)


async def test_what_nobody_waits_for_any_more_is_forgotten(asked: Bench) -> None:
    await asked.conversions.forget_old(timedelta(days=1), 10)
    await asked.conversions.give_back(await claimed(asked), timedelta(0), counted=False)
    await asked.pass_time(86_401)
    await asked.conversions.forget_old(timedelta(days=1), 10)
    assert await asked.conversions.claim(LEASE) is None
