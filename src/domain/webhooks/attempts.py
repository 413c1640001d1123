"""The attempts to deliver a webhook: what an answer means, and when the next attempt is.

Source: Standard Webhooks, "Deliverability and reliability" (a schedule over a day or more, 2xx within seconds, 410
disables).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import takewhile
from typing import Final

import msgspec

from domain.http_refusals import lasts

DELAYS: Final = (5, 30, 120, 600, 1800, 3600, 3 * 3600, 7 * 3600, 12 * 3600)
"""Seconds before the second attempt, the third …: ten attempts over a day."""

MAX_ATTEMPTS: Final = len(DELAYS) + 1
MAX_CLAIMS: Final = 3_000
"""Attempts of which nothing is written, because workers end or err in them: at one in each lease, a day of them."""

JITTER: Final = 0.1
"""Part of a delay by which it may be shorter or longer, so that what failed together is not tried together."""

REFUSALS: Final = 5
"""So many refusals in a row of one delivery disable its endpoint, unless others are delivered there: 40 minutes."""

LOGGED: Final = 20
"""How many attempts a delivery remembers: the last ones."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an attempt.

    Attributes:
        at: When it began.
        status: The status code; None without an answer.
        error: Why it failed, in a word; empty if it did not.
        seconds: How long it took.
    """

    at: datetime
    status: int | None = None
    error: str = ""
    seconds: float = 0.0

    @property
    def delivered(self) -> bool:
        """Whether the endpoint has it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether the endpoint does not want it, as it is."""
        return self.status is not None and lasts(self.status)


class Verdict(Enum):
    """What an answer means.

    Attributes:
        DELIVERED: It has arrived.
        AGAIN: It is to be tried again.
        FAILED: It is given up.
        GONE: The endpoint wants nothing more.
        REFUSED: As `AGAIN` or `FAILED`, but the endpoint refuses so much that it may want nothing at all.
    """

    DELIVERED = auto()
    AGAIN = auto()
    FAILED = auto()
    GONE = auto()
    REFUSED = auto()


def judge(attempt: int, log: Sequence[Answer]) -> Verdict:
    """Return what the last answer of a delivery means; `attempt` counts from 1."""
    answer = log[-1]
    if answer.delivered:
        return Verdict.DELIVERED
    if answer.status == 410:
        return Verdict.GONE
    if len(refusals(attempt, log)) >= REFUSALS:
        return Verdict.REFUSED
    return Verdict.FAILED if attempt >= MAX_ATTEMPTS else Verdict.AGAIN


def refusals(attempt: int, log: Sequence[Answer]) -> list[Answer]:
    """Return the last answers in a row that refuse a delivery, oldest first; not those from before it was resent."""
    return list(takewhile(lambda answer: answer.refused, reversed(log[-attempt:])))[::-1]


def pause_after(attempt: int, chance: float) -> timedelta:
    """Return how long to wait before the next attempt.

    Args:
        attempt: How many attempts have been made, 1 to `MAX_ATTEMPTS` − 1; more wait as long as the last.
        chance: A uniform random number in [0, 1), drawn by the caller.
    """
    delay = DELAYS[min(attempt, len(DELAYS)) - 1]
    return timedelta(seconds=delay * (1 + JITTER * (2 * chance - 1)))
