"""Attempts: what became of a job each time a worker held it without ending it."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum, auto
from typing import Final

import msgspec

ATTEMPTS_KEPT: Final = 20
"""How many attempts a job remembers: the last ones."""

MAX_CRASHES: Final = 8
"""How many workers a job may lose before it fails. High, because a worker is usually lost for another reason."""

ALONE_AFTER: Final = 2
"""After so many calls in a row that broke the music tools, a job runs alone: the only one of its worker, and the only
such job of all workers. Not after the first: when the tools are killed, every running job sees a call break."""

MAX_BREAKS: Final = 8
"""After so many, all but the first two alone, a job fails. Finishing a stage clears them."""

WATCH_FACTOR: Final = 4.0
SHORTEST_WATCH: Final = 2.0
LONGEST_WATCH: Final = 120.0
"""A break of a job that ran alone counts if the tools then stay up without it for a multiple of the longest time that
they stayed up with it, within these bounds, in seconds. Where something else kills them, they mostly do not."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt that did not end the job.

    Attributes:
        at: When it ended, by the database's clock.
        worker: The name of the worker that made it.
        code: Why it ended: one of `CODES`, or a foreign tool's own.
        message: One sentence for people.
        counted: Whether it counts towards the end of the job; what was away or misconfigured does not.
        seconds: How long its last stage lasted.
    """

    at: datetime
    worker: str
    code: str
    message: str = ""
    counted: bool = True
    seconds: float = 0.0


class Charge(Enum):
    """What an attempt costs a job when it goes back to the queue."""

    NOTHING = auto()
    """Something was away or misconfigured: neither its time nor its attempt counts."""
    TIME = auto()
    """The time under the lease counts as working time."""
    ERROR = auto()
    """It counts as one of the errors after which the job fails, and so does its time."""
    BREAK = auto()
    """It counts as one of the calls that broke the tools."""


def watch_seconds(attempts: Iterable[Attempt], latest: float) -> float:
    """Return for how many seconds the tools have to stay up without a job for its latest break to count.

    Args:
        attempts: Those before.
        latest: Seconds that the tools stayed up with the job this time.
    """
    before = [attempt.seconds for attempt in attempts if attempt.code == "tools_lost"]
    return min(max(WATCH_FACTOR * max([latest, *before]), SHORTEST_WATCH), LONGEST_WATCH)
