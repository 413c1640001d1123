"""Calls of music tools: what was asked of whom while a job was made, for operators."""

from datetime import datetime
from typing import Final

import msgspec

from domain.jobs.transitions import JobStatus

CALLS_KEPT: Final = 32
"""How many calls a job remembers: the last ones. An undisturbed moment makes five."""

LONGEST_CODE: Final = 64
"""Characters of a code: those of foreign tools are their own."""

CANCELLED: Final = "cancelled"
"""The code of a call that ended because its caller stopped."""


class ToolCall(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A call of a music tool that has ended.

    Attributes:
        tool: Its name.
        stage: The state that the job was in.
        at: When it began, by the database's clock.
        seconds: How long it took, waiting for a busy tool server included.
        code: Why it failed; empty if it succeeded, `cancelled` if its caller stopped.
        attempt: Which claim of the job made it.
        worker: The name of the worker.
    """

    tool: str
    stage: JobStatus
    at: datetime
    seconds: float
    code: str = ""
    attempt: int = 0
    worker: str = ""
