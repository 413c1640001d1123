"""The bucket that a database remembers, and its quarantine: over memory and over Postgres."""

from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest

from application.ports.orphans import Installation
from domain.jobs.job import JobId
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio


async def test_the_database_has_one_id(bench: Bench) -> None:
    installation = await bench.orphan_store.installation()
    assert await bench.orphan_store.installation() == installation
    assert installation.bucket is None


async def test_it_remembers_the_bucket_that_it_marked_last(bench: Bench) -> None:
    before = await bench.orphan_store.installation()
    for place in ("https://here/moments", "https://here/moments", "/there"):
        await bench.orphan_store.remember_bucket(place)
        assert await bench.orphan_store.installation() == Installation(id=before.id, bucket=place)


async def test_the_quarantine_counts_from_the_first_time(bench: Bench) -> None:
    first, second = JobId(uuid4()), JobId(uuid4())
    now = (await bench.orphan_store.next_round()).now
    await bench.orphan_store.record([first])
    await bench.pass_time(3600)
    await bench.orphan_store.record([first, second])
    found = await bench.orphan_store.find([first, second, JobId(uuid4())])
    assert set(found) == {first, second}
    assert found[second].seen_at - found[first].seen_at >= timedelta(hours=1)
    assert abs(found[second].seen_at - now) < timedelta(hours=2)  # the database's clock
    assert not found[first].accepted


async def test_an_operator_accepts_what_is_in_quarantine_and_what_is_not(bench: Bench) -> None:
    known, new = JobId(uuid4()), JobId(uuid4())
    await bench.orphan_store.record([known])
    before = await bench.orphan_store.find([known])
    await bench.orphan_store.record([known, new], accepted=True)
    await bench.orphan_store.record([known, new])
    found = await bench.orphan_store.find([known, new])
    assert [found[known].accepted, found[new].accepted] == [True, True]
    assert found[known].seen_at == before[known].seen_at


async def test_what_is_released_begins_anew(bench: Bench) -> None:
    gone, kept = JobId(uuid4()), JobId(uuid4())
    await bench.orphan_store.record([gone, kept])
    await bench.orphan_store.release([gone])
    assert set(await bench.orphan_store.find([gone, kept])) == {kept}


async def test_nothing_is_fine(bench: Bench) -> None:
    assert await bench.orphan_store.find([]) == {}
    await bench.orphan_store.record([])
    await bench.orphan_store.release([])


async def test_where_the_next_round_begins_can_be_read_without_beginning_it(postgres_bench: Bench) -> None:
    assert (await postgres_bench.orphan_store.next_round()).cursor == ""
    begun = await postgres_bench.retention_store.begin_maintenance(timedelta(minutes=1))
    assert begun is not None
    await postgres_bench.retention_store.end_maintenance(msgspec.structs.replace(begun, cursor="a/key"), timedelta(0))
    assert (await postgres_bench.orphan_store.next_round()).cursor == "a/key"
    assert (await postgres_bench.orphan_store.next_round()).now >= begun.now


async def test_what_somebody_else_deleted_is_forgotten_after_a_year(postgres_bench: Bench) -> None:
    old, young = JobId(uuid4()), JobId(uuid4())
    await postgres_bench.orphan_store.record([old])
    await postgres_bench.pass_time(364 * 86_400)
    await postgres_bench.orphan_store.record([young])
    await postgres_bench.orphan_store.release([JobId(uuid4())])
    assert set(await postgres_bench.orphan_store.find([old, young])) == {old, young}
    await postgres_bench.pass_time(2 * 86_400)
    await postgres_bench.orphan_store.release([JobId(uuid4())])
    assert set(await postgres_bench.orphan_store.find([old, young])) == {young}
