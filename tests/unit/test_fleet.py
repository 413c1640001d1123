"""Which workers a notification is for."""

import random

import pytest

from adapters.postgres.fleet import Fleet, NewJobs, new_jobs

PIDS = [*range(4001, 4009)]


def a_fleet(own: int, pids: list[int]) -> Fleet:
    fleet = Fleet()
    fleet.set(own, pids)
    return fleet


@pytest.mark.parametrize("count", [1, 3, 8, 20])
def test_as_many_wake_as_there_are_jobs(count: int) -> None:
    for number in range(100):
        ranks = sorted(a_fleet(pid, PIDS).rank(NewJobs(number, count)) for pid in PIDS)
        assert ranks == [*range(8)]


def test_everybody_has_a_turn() -> None:
    firsts = [pid for number in range(400) for pid in PIDS if not a_fleet(pid, PIDS).rank(NewJobs(number, 1))]
    assert len(firsts) == 400
    assert all(20 < firsts.count(pid) < 100 for pid in PIDS)


def test_whoever_misses_others_in_the_list_wakes_too_often_not_too_seldom() -> None:
    chance = random.Random(7)  # noqa: S311 - the same in every run
    for number in range(300):
        lists = {pid: [pid, *chance.sample(PIDS, 5)] for pid in PIDS}
        assert any(a_fleet(pid, lists[pid]).rank(NewJobs(number, 1)) == 0 for pid in PIDS)


def test_a_listener_that_is_not_in_the_list_always_wakes() -> None:
    assert {a_fleet(1, PIDS).rank(NewJobs(number, 1)) for number in range(50)} == {0}
    assert Fleet().rank(NewJobs(1, 1)) == 0


def test_a_payload_says_what_was_written() -> None:
    assert NewJobs.read(new_jobs(3).payload) is not None
    assert NewJobs.read(NewJobs(7, 3).payload) == NewJobs(7, 3)
    assert len({new_jobs(1).number for _ in range(20)}) > 1


@pytest.mark.parametrize("payload", ["", "7", "7 x", "-1 1", "1 1 1"])
def test_any_other_payload_is_for_all(payload: str) -> None:
    assert NewJobs.read(payload) is None
