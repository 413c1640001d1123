"""Formats of finished music that somebody has asked for, as a queue beside that of the jobs."""

from datetime import timedelta
from typing import Final, Protocol

import msgspec

from domain.error_codes import Code
from domain.jobs.artifacts import Artifact
from domain.jobs.job import JobId
from domain.jobs.output_formats import OutputFormat

ANEW_AFTER: Final = timedelta(minutes=10)
"""When a format that could not be made may be asked for again."""


SPACING: Final = timedelta(seconds=2)
"""Between the turns of one client: about what a conversion takes. Others come in between."""


class Conversion(msgspec.Struct, frozen=True, kw_only=True):
    """A format that this worker may make.

    Attributes:
        job_id: Of the music.
        output_format: What to make; a newer version may know more of them.
        attempt: Counts the claims: only the newest one may write.
        errors: Claims that were not given back, this one included.
    """

    job_id: JobId
    output_format: OutputFormat
    attempt: int
    errors: int


class Conversions(Protocol):
    """The formats that are to be made. Every method may raise `DatabaseUnavailable`."""

    async def request(self, job_id: JobId, output_format: OutputFormat) -> str:
        """Ask for a format, once however often it is called; return the code of what ended the last try, or nothing.

        One that failed is asked for again after `ANEW_AFTER`. Its turn is `SPACING` after the last one of the client
        whose job it is.
        """

    async def claim(self, lease: timedelta) -> Conversion | None:
        """Return the format of the first turn that nobody makes, if there is one; it is ours until the lease ends."""

    async def renew(self, conversion: Conversion, lease: timedelta) -> bool:
        """Return whether the conversion is still this worker's, and its moment still there."""

    async def give_back(self, conversion: Conversion, after: timedelta, *, counted: bool) -> None:
        """Let it be claimed again after a while; without counting, this claim was none."""

    async def fail(self, conversion: Conversion, reason: Code) -> None:
        """End it without a result."""

    async def finish(self, conversion: Conversion, artifact: Artifact) -> bool:
        """Add the result to its job; return False if the conversion is another worker's by now, or the job is gone."""

    async def forget_old(self, age: timedelta, limit: int) -> None:
        """Remove what was asked for so long ago, and what has lost its job, at most so many."""
