"""Upkeep's share of the time: how long it rests, who gets a turn, and how much a step takes on."""

import anyio
import pytest

from application.upkeep.time_share import MOST_REST, STEP_SECONDS, TOO_LONG, Chore, StepSize, TimeShare

pytestmark = pytest.mark.anyio


class Watch:
    """A clock that work and rest move on.

    Attributes:
        rests: What was slept, one after the other.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.rests: list[float] = []
        self.done: list[str] = []

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.rests.append(round(seconds, 6))
        self.now += seconds

    async def chore(self, name: str, *steps: float | Exception) -> Chore:
        try:
            for step in steps:
                if isinstance(step, Exception):
                    raise step
                self.now += step
                self.done.append(name)
                yield
        finally:
            self.done.append(f"{name} ends")


@pytest.mark.parametrize(("share", "rest"), [(0.1, 9), (0.5, 1), (1, 0)])
async def test_after_a_step_the_others_get_their_share_of_the_time(share: float, rest: float) -> None:
    watch = Watch()
    report = await TimeShare(share, watch.time, watch.sleep).work([watch.chore("a", 1.0, 2.0, 0.5)], 1000)
    assert watch.rests == [1.0 * rest, 2.0 * rest, 0.5 * rest]
    assert report.is_done


async def test_a_step_that_hung_does_not_stop_upkeep_for_hours() -> None:
    watch = Watch()
    await TimeShare(0.01, watch.time, watch.sleep).work([watch.chore("a", 300.0)], 1000)
    assert watch.rests == [MOST_REST]


async def test_chores_take_turns_and_none_starves() -> None:
    watch = Watch()
    chores = [watch.chore("endless", *[1.0] * 100), watch.chore("b", 1.0), watch.chore("c", 1.0, 1.0)]
    report = await TimeShare(0.5, watch.time, watch.sleep).work(chores, 12)
    assert watch.done[:6] == ["endless", "b", "c", "endless", "b ends", "c"]
    assert not report.is_done
    assert watch.done[-1].endswith("ends")


async def test_a_chore_that_fails_does_not_stop_the_others() -> None:
    watch, errors = Watch(), [ValueError("a defect"), ValueError("another")]
    chores = [watch.chore("x", errors[0]), watch.chore("a", 1.0, 1.0), watch.chore("y", 1.0, errors[1])]
    report = await TimeShare(1, watch.time, watch.sleep).work(chores, 100)
    assert report.errors == errors
    assert watch.done == ["x ends", "a", "y", "a", "y ends", "a ends"]


async def test_it_can_be_cancelled_between_two_steps_and_chores_end() -> None:
    watch = Watch()

    async def stop(_: float) -> None:
        scope.cancel()
        await anyio.sleep_forever()

    with anyio.CancelScope() as scope:
        await TimeShare(0.1, watch.time, stop).work([watch.chore("a", 1.0, 1.0), watch.chore("b", 1.0)], 100)
    assert scope.cancelled_caught
    assert watch.done == ["a", "a ends"]


def test_steps_grow_while_they_are_fast_and_shrink_when_they_are_slow_or_fail() -> None:
    watch = Watch()
    size = StepSize(50, 300, watch.time)
    seen = []
    for took in (0.0, 0.0, 0.0, STEP_SECONDS, TOO_LONG, TOO_LONG + 1):
        with size.measured():
            watch.now += took
        seen.append(size.current)
    assert seen == [100, 200, 300, 300, 300, 150]
    for _ in range(10):
        with pytest.raises(ValueError, match="away"), size.measured():
            raise ValueError("away")
    assert size.current == 1
