"""Links to music: one for each moment until it is revoked, gone with it. Over memory and over Postgres."""

from datetime import timedelta

import anyio
import pytest

from application.ports.jobs import JobNotFound
from application.ports.shares import Share
from domain.jobs.transitions import Cancelled
from tests.support.jobs import JOB_ID, NOW, a_job, room_for
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio


async def shared(bench: Bench) -> Share:
    await bench.jobs.add(a_job())
    return await bench.shares.add(JOB_ID, "t1", "shared/t1")


async def test_a_job_has_one_link_until_it_is_revoked(bench: Bench) -> None:
    first = await shared(bench)
    assert (first.token, first.job_id, first.key, first.stored) == ("t1", JOB_ID, "shared/t1", False)
    assert await bench.shares.add(JOB_ID, "t2", "shared/t2") == first
    assert await bench.shares.revoke(JOB_ID) == first
    assert await bench.shares.revoke(JOB_ID) is None
    assert (await bench.shares.add(JOB_ID, "t3", "shared/t3")).token == "t3"
    assert await bench.shares.find("t1") is None


async def test_of_many_at_once_all_get_the_same_link(bench: Bench) -> None:
    await bench.jobs.add(a_job())
    tokens = set[str]()

    async def share(token: str) -> None:
        tokens.add((await bench.shares.add(JOB_ID, token, token)).token)

    async with anyio.create_task_group() as group:
        for number in range(8):
            group.start_soon(share, f"t{number}")
    assert len(tokens) == 1


async def test_a_link_is_found_by_its_whole_token_once_it_is_there(bench: Bench) -> None:
    await shared(bench)
    assert await bench.shares.confirm("t1")
    found = await bench.shares.find("t1")
    assert found
    assert found.stored
    for other in ("t", "t11", "T1", ""):
        assert await bench.shares.find(other) is None
    await bench.shares.revoke(JOB_ID)
    assert not await bench.shares.confirm("t1")


async def test_what_is_revoked_or_has_lost_its_job_is_dead_until_it_is_forgotten(bench: Bench) -> None:
    await shared(bench)
    assert await bench.shares.dead(10) == []
    await bench.shares.revoke(JOB_ID)
    await bench.shares.add(JOB_ID, "t2", "shared/t2")
    assert [share.token for share in await bench.shares.dead(10)] == ["t1"]
    (claim,) = await bench.queue.claim(room_for("w", 1))
    await bench.queue.save(claim.lease, claim.job.on(Cancelled(), NOW))
    await bench.job_admin.delete(JOB_ID)
    assert [share.token for share in await bench.shares.dead(10)] == ["t1", "t2"]
    with pytest.raises(JobNotFound):
        await bench.shares.add(JOB_ID, "t3", "shared/t3")
    await bench.retention_store.forget([JOB_ID], timedelta(0))
    for token in ("t1", "t2"):
        await bench.shares.forget(token)
    assert await bench.shares.dead(10) == []
