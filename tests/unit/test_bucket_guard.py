"""The guard before uploads: when it asks whose bucket it is, and what it makes of the answers."""

import anyio
import pytest

from application.ports.jobs import DatabaseUnavailable
from application.ports.objects import StorageUnavailable
from application.upkeep import bucket_guard
from application.upkeep.bucket_guard import CONFIRMED_SECONDS, DOUBTFUL_SECONDS, BucketGuard
from application.upkeep.bucket_owner import BucketOwner
from application.upkeep.bucket_report import WrongBucket
from tests.support.fake_faults import ALWAYS
from tests.support.fake_orphans import InMemoryOrphans
from tests.support.fake_queue import InMemoryJobs
from tests.support.fake_store import InMemoryStore
from tests.support.fake_upkeep import InMemoryUpkeep
from tests.support.pipeline import now

pytestmark = pytest.mark.anyio


class Guarded:
    """A bucket and its guard, with a clock that only tests advance."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.store, self.orphans = InMemoryStore(), InMemoryOrphans(now)
        self.owner = BucketOwner(InMemoryUpkeep(InMemoryJobs(), now), self.orphans, self.store, self.store)
        self.guard = BucketGuard(self.owner, lambda: self.seconds)

    @property
    def questions(self) -> int:
        return len(self.store.faults.calls["list_page"])

    async def refuses(self) -> bool:
        try:
            await self.guard()
        except WrongBucket:
            return True
        return False


async def test_our_bucket_is_looked_at_now_and_then() -> None:
    guarded = Guarded()
    await guarded.owner.mark()
    for _ in range(100):
        assert not await guarded.refuses()
    assert guarded.questions == 1
    guarded.seconds += CONFIRMED_SECONDS
    assert not await guarded.refuses()
    assert guarded.questions == 2


async def test_a_new_bucket_is_used_without_a_marker_and_soon_looked_at_again() -> None:
    guarded = Guarded()
    assert not await guarded.refuses()
    guarded.orphans.bucket = "https://elsewhere/moments"  # another worker has marked that one
    guarded.seconds += DOUBTFUL_SECONDS
    assert await guarded.refuses()


async def test_a_wrong_bucket_is_refused_until_it_is_adopted() -> None:
    guarded = Guarded()
    guarded.orphans.bucket = "https://elsewhere/moments"
    for _ in range(10):
        assert await guarded.refuses()
        guarded.seconds += DOUBTFUL_SECONDS
    await guarded.owner.take_over()
    assert not await guarded.refuses()


@pytest.mark.parametrize("error", [StorageUnavailable("away"), DatabaseUnavailable("away")])
async def test_an_outage_changes_nothing(error: Exception) -> None:
    guarded = Guarded()
    for fake, method in ((guarded.store, "list_page"), (guarded.orphans, "installation")):
        fake.faults.fail(method, error)
        assert not await guarded.refuses()
        guarded.seconds += DOUBTFUL_SECONDS
    guarded.orphans.bucket = "https://elsewhere/moments"
    assert await guarded.refuses()
    guarded.store.faults.fail("list_page", error)
    guarded.seconds += DOUBTFUL_SECONDS
    assert await guarded.refuses()


async def test_nobody_waits_for_a_store_that_stalls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket_guard, "ASK_SECONDS", 0.05)
    guarded = Guarded()
    guarded.store.faults.delay("list_page", 3600.0, times=ALWAYS)
    with anyio.fail_after(30):
        async with anyio.create_task_group() as callers:
            for _ in range(50):
                callers.start_soon(guarded.guard)
    assert guarded.questions == 1
