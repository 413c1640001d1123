"""Backoff: exponential, capped, with full jitter."""

import pytest

from domain.error_codes import Code, foreign
from domain.jobs.retry import BACKOFFS, DEFAULT, delay, jittered

ANYTHING = foreign("anything_else")


@pytest.mark.parametrize("code", [*BACKOFFS, ANYTHING])
def test_delays_grow_up_to_the_cap(code: Code) -> None:
    backoff = BACKOFFS.get(code, DEFAULT)
    longest = [delay(code, attempt, 1.0).total_seconds() for attempt in range(1, 40)]
    assert longest[0] == backoff.base
    assert longest[1] == 2 * backoff.base
    assert longest == sorted(longest)
    assert longest[-1] == backoff.cap


def test_an_operators_bound_holds_for_every_kind() -> None:
    assert delay(ANYTHING, 9, 1.0, longest=0.3).total_seconds() == 0.3


def test_jitter_is_full() -> None:
    assert delay(ANYTHING, 5, 0.0).total_seconds() == 0
    assert delay(ANYTHING, 5, 0.5) == delay(ANYTHING, 5, 1.0) / 2


def test_a_regular_wait_is_no_less_than_half_of_it() -> None:
    assert [jittered(4.0, chance) for chance in (0.0, 0.5, 1.0)] == [2.0, 3.0, 4.0]
