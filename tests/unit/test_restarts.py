"""When a part that ended is started again, and when it is not."""

from pathlib import Path

import pytest

from adapters.toolkit.rotating_log import RotatingLog
from domain.jobs.attempts import MAX_CRASHES
from entrypoints.local.parts import ChildDied, Ending, ending_of
from entrypoints.local.restarts import (
    FIRST_DELAY,
    HEALTHY_SECONDS,
    LONGEST_DELAY,
    STORM_ENDINGS,
    STORM_SECONDS,
    Restarts,
)

KILLED = ending_of(-9)
EXITED = ending_of(1)


class Part:
    """A part that ends when the test says so."""

    name = "worker"

    def __init__(self, folder: Path) -> None:
        self.log = RotatingLog(folder / "worker.log")
        self.log.path.write_text("first line\nlast line\n")
        self.ended: Ending | None = None
        self.starts = 0
        self.obstacle: OSError | None = None

    def ending(self) -> Ending | None:
        return self.ended

    def restart(self) -> None:
        if self.obstacle:
            raise self.obstacle
        self.ended = None
        self.starts += 1


class Case:
    """A part under supervision, at a time that the test sets; delays are the longest that chance allows."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self.part = Part(folder)
        self.restarts = Restarts(self.part, clock=lambda: self.now, chance=lambda: 1.0)

    def end(self, ending: Ending = KILLED) -> str:
        self.part.ended = ending
        return self.restarts.tend()

    def pass_time(self, seconds: float) -> str:
        self.now += seconds
        return self.restarts.tend()


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def test_a_part_that_runs_is_left_alone(case: Case) -> None:
    assert case.pass_time(1000) == ""
    assert case.part.starts == 0


def test_a_part_that_ended_is_started_once_its_delay_has_passed(case: Case) -> None:
    line = case.end()
    assert line.startswith(f"worker was killed by signal 9; starting it again in {FIRST_DELAY} s")
    assert "worker.log" in line
    assert (case.pass_time(FIRST_DELAY * 0.9), case.part.starts) == ("", 0)
    assert (case.pass_time(FIRST_DELAY * 0.2), case.part.starts) == ("worker was started again", 1)


def delays_of(case: Case, pause: float, times: int, ending: Ending = KILLED) -> list[float]:
    """Let the part end again and again, each time after it ran for a while; return how long it waited."""
    delays = []
    for _ in range(times):
        case.now += pause
        case.end(ending)
        delays.append(round(case.restarts._due - case.now, 3) if case.restarts._due else 0)
        case.pass_time(delays[-1])
    return delays


def test_delays_double_up_to_a_bound(case: Case) -> None:
    delays = delays_of(case, pause=STORM_SECONDS / 3, times=9)
    assert delays[:4] == [FIRST_DELAY * factor for factor in (1, 2, 4, 8)]
    assert delays[-1] == LONGEST_DELAY


def test_a_part_that_was_healthy_for_a_while_starts_quickly(case: Case) -> None:
    delays_of(case, pause=STORM_SECONDS / 3, times=3)
    assert delays_of(case, pause=HEALTHY_SECONDS, times=2) == [FIRST_DELAY, FIRST_DELAY]


def test_a_storm_ends_with_a_sentence_and_the_end_of_the_log(case: Case) -> None:
    delays_of(case, pause=0, times=STORM_ENDINGS - 1, ending=EXITED)
    with pytest.raises(ChildDied, match="worker ended with exit code 1, and ended 5 times within a minute") as died:
        case.end(EXITED)
    assert died.value.message.endswith("  first line\n  last line")


def test_a_part_that_is_killed_is_always_started_again(case: Case) -> None:
    delays_of(case, pause=0, times=3 * MAX_CRASHES)
    assert case.part.starts == 3 * MAX_CRASHES, "three jobs that crash their worker"


def test_an_ending_for_good_is_not_tried_again(case: Case) -> None:
    with pytest.raises(ChildDied, match="worker ended with exit code 2; the end of"):
        case.end(ending_of(2, final=True))


def test_a_part_that_cannot_be_started_counts_as_ended_again(case: Case) -> None:
    case.end()
    case.part.obstacle = OSError("no memory")
    assert case.pass_time(FIRST_DELAY).startswith("worker could not be started: no memory; starting it again in 1.0 s")
    case.part.obstacle = None
    case.pass_time(2 * FIRST_DELAY)
    assert case.part.starts == 1
