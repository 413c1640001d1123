"""The queue as those see it who wait in it."""

from typing import Final, Protocol

import msgspec

from domain.blueprints.blueprint import OutputKind
from domain.jobs.job import JobId

LONGEST_LINE: Final = 1000
"""How many waiting jobs are looked at: what is further back is at least so far back."""


class Pace(msgspec.Struct, frozen=True):
    """How fast moments of one kind are made.

    Attributes:
        seconds: The median of the time that recent jobs were worked on; absent where none was completed lately.
        slots: How many jobs the workers can run at once that can make this kind now.
        paused: Whether an operator has paused the kind.
    """

    seconds: float | None = None
    slots: int = 0
    paused: bool = False


class Backlog(msgspec.Struct, frozen=True):
    """What is to be done.

    Attributes:
        waiting: The jobs that can be claimed, in the order of the claim: the first `LONGEST_LINE` of them.
        running: How many jobs the workers run.
        paces: By kind; may lack kinds.
    """

    waiting: tuple[tuple[JobId, OutputKind], ...] = ()
    running: int = 0
    paces: dict[OutputKind, Pace] = {}


class BacklogReader(Protocol):
    """Reads the backlog. Every method may raise `DatabaseUnavailable`."""

    async def read(self) -> Backlog:
        """Return the backlog as it is now."""

    async def count_waiting(self, most: int, client: str = "") -> int:
        """Return how many jobs no worker holds, of one client or of all; what is beyond `most` is not counted."""
