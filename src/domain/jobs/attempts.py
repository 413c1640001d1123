"""Attempts: what became of a job each time a worker held it without ending it."""

from datetime import datetime
from enum import IntEnum
from typing import Final

import msgspec

ATTEMPTS_KEPT: Final = 20
"""How many attempts a job remembers: the last ones."""

MAX_CRASHES: Final = 8
"""How many workers a job may lose before it fails. High, because a worker is usually lost for another reason."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt that did not end the job.

    Attributes:
        at: When it ended, by the database's clock.
        worker: The name of the worker that made it.
        code: Why it ended: one of `CODES`, or a foreign tool's own.
        message: One sentence for people.
        counted: Whether it counts towards the end of the job; what was away or misconfigured does not.
    """

    at: datetime
    worker: str
    code: str
    message: str = ""
    counted: bool = True


class Charge(IntEnum):
    """What an attempt costs a job when it goes back to the queue; each includes the ones before."""

    NOTHING = 0
    """Something was away or misconfigured: neither its time nor its attempt counts."""
    TIME = 1
    """The time under the lease counts as working time."""
    ERROR = 2
    """It counts as one of the errors after which the job fails."""
