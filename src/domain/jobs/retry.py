"""Delays: capped exponential backoff with full jitter for retries, and jittered intervals for polling.

Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
"""

from datetime import timedelta
from math import inf
from typing import Final

import msgspec

from domain.error_codes import Code


class Backoff(msgspec.Struct, frozen=True):
    """How one kind of error is retried.

    Attributes:
        base: The longest first delay, in seconds.
        cap: The longest delay, in seconds.
    """

    base: float
    cap: float


BACKOFFS: Final[dict[Code, Backoff]] = {
    "database_unavailable": Backoff(base=0.5, cap=2.0),  # well within a lease
    "tools_unavailable": Backoff(base=1.0, cap=30.0),
    "tools_lost": Backoff(base=1.0, cap=30.0),
    "storage_unavailable": Backoff(base=1.0, cap=30.0),
}
DEFAULT: Final = Backoff(base=2.0, cap=60.0)


def delay(code: Code, attempt: int, chance: float, longest: float = inf) -> timedelta:
    """Return how long to wait before the next attempt.

    Args:
        code: The stable code of the error.
        attempt: How many attempts have been made, ≥ 1.
        chance: A uniform random number in [0, 1), drawn by the caller.
        longest: The longest delay for any kind of error, in seconds.
    """
    backoff = BACKOFFS.get(code, DEFAULT)
    ceiling = min(longest, backoff.cap, backoff.base * 2.0 ** min(attempt - 1, 30))
    return timedelta(seconds=ceiling * chance)


def jittered(longest: float, chance: float) -> float:
    """Return a time between half of the longest and the longest, so that many waiters do not act at once.

    Args:
        longest: In any unit; the result has the same.
        chance: A uniform random number in [0, 1), drawn by the caller.
    """
    return longest * (0.5 + 0.5 * chance)
