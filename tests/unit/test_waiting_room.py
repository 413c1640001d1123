"""How often a process counts the jobs that wait."""

import pytest

from application.access import ANYBODY
from application.moments.admission import COUNTED_SECONDS, COUNTING_SHARE, QueueFull, WaitingLimits, WaitingRoom
from application.ports.backlog import Backlog

pytestmark = pytest.mark.anyio


class ALongLine:
    """A backlog that takes its time to count."""

    def __init__(self, waiting: int, seconds: float = 0.0) -> None:
        self.waiting = waiting
        self.seconds = seconds
        self.counts = 0
        self.now = 0.0

    async def read(self) -> Backlog:
        return Backlog()

    async def count_waiting(self, most: int, client: str = "") -> int:
        assert not client
        self.counts += 1
        self.now += self.seconds
        return min(self.waiting, most)

    def room(self, of_all: int) -> WaitingRoom:
        return WaitingRoom(self, WaitingLimits(of_all=of_all), lambda: self.now)


async def test_one_count_serves_all_requests_of_a_second_and_what_entered_since_counts() -> None:
    line = ALongLine(8)
    room = line.room(of_all=10)
    for _ in range(2):
        await room.require(ANYBODY)
        room.entered()
    with pytest.raises(QueueFull):
        await room.require(ANYBODY)
    assert line.counts == 1
    line.now = COUNTED_SECONDS
    await room.require(ANYBODY)
    assert line.counts == 2


async def test_counting_takes_a_small_share_of_the_time() -> None:
    line = ALongLine(8, seconds=0.5)
    room = line.room(of_all=10)
    while line.now < 100:
        await room.require(ANYBODY)
        line.now += 0.1
    assert line.counts * line.seconds <= 1.1 * COUNTING_SHARE * line.now
