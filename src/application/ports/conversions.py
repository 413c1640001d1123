"""What somebody has asked for that is made on demand, as a queue beside that of the jobs.

Formats of finished music and of its stems belong to a job; samples of styles belong to none.
"""

from datetime import timedelta
from typing import Final, Protocol
from uuid import UUID

import msgspec

from domain.error_codes import Code
from domain.errors import MomentError
from domain.jobs.artifacts import Artifact
from domain.jobs.conversions import CONVERTED_NAMES
from domain.jobs.job import JobId

NO_JOB: Final = JobId(UUID(int=0))
"""Stands for the job of what belongs to none."""

ANEW_AFTER: Final = timedelta(minutes=10)
"""When what could not be made may be asked for again."""

SPACING: Final = timedelta(seconds=2)
"""Between the turns of one client: about what a conversion takes. Others come in between."""


MOST_OF_CLIENT: Final = len(CONVERTED_NAMES)
"""How much of one client may wait or be made: as much as can be asked for of one moment."""


class TooManyConversions(MomentError):
    """The client has asked for as much as may wait; later there is room for more."""

    code = "too_many_conversions"

    def __init__(self) -> None:
        super().__init__(f"{MOST_OF_CLIENT} of your files wait already; ask for the next ones when some are made")


class Conversion(msgspec.Struct, frozen=True, kw_only=True):
    """What this worker may make.

    Attributes:
        job_id: Of the music, or `NO_JOB`.
        order: What to make; a newer version may know more of it.
        attempt: Counts the claims: only the newest one may write.
        errors: Claims that were not given back, this one included.
    """

    job_id: JobId
    order: str
    attempt: int
    errors: int


class Conversions(Protocol):
    """What is to be made. Every method may raise `DatabaseUnavailable`."""

    async def request(self, job_id: JobId, order: str) -> str:
        """Ask for something, once however often it is called; return the code of what ended the last try, or nothing.

        What failed is asked for again after `ANEW_AFTER`. Its turn is `SPACING` after the last one of the client whose
        job it is; what belongs to no job has turns of its own.

        Raises:
            TooManyConversions: So much of the client waits already.
        """

    async def claim(self, lease: timedelta) -> Conversion | None:
        """Return what has the first turn and nobody makes, if there is anything; it is ours until the lease ends."""

    async def renew(self, conversion: Conversion, lease: timedelta) -> bool:
        """Return whether the conversion is still this worker's, and its moment, if it has one, still there."""

    async def give_back(self, conversion: Conversion, after: timedelta, *, counted: bool) -> None:
        """Let it be claimed again after a while; without counting, this claim was none."""

    async def fail(self, conversion: Conversion, reason: Code) -> None:
        """End it without a result."""

    async def finish(self, conversion: Conversion, artifact: Artifact) -> bool:
        """End it, and add the result to its job if it has one.

        Returns False if the conversion is another worker's by now, or the job is gone.
        """

    async def forget_old(self, age: timedelta, limit: int) -> int:
        """Remove what was asked for so long ago, and what has lost its job, at most so many; return how many."""
