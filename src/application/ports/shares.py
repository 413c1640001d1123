"""Links to music that whoever has them may hear."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from domain.jobs.job import JobId


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A link to the music of a moment.

    Attributes:
        token: What the link ends with; it cannot be guessed.
        job_id: Of the moment; whoever has the link must not learn it.
        key: Of the object that it leads to, a copy of the music.
        stored: Whether the copy is there.
        created_at: By the database's clock.
    """

    token: str
    job_id: JobId
    key: str
    stored: bool
    created_at: datetime


class Shares(Protocol):
    """The links that there are. Every method may raise `DatabaseUnavailable`."""

    async def add(self, job_id: JobId, token: str, key: str) -> Share:
        """Return the link of a job: the one that it has, or a new one with this token and key.

        Raises:
            JobNotFound: There is no such job.
        """

    async def confirm(self, token: str) -> bool:
        """Note that the copy of a link is stored; return whether the link still exists."""

    async def find(self, token: str) -> Share | None:
        """Return a link that was not revoked."""

    async def revoke(self, job_id: JobId) -> Share | None:
        """Revoke the link of a job, if it has one; return it."""

    async def dead(self, limit: int) -> Sequence[Share]:
        """Return links that were revoked or whose jobs are gone: of either kind, at most so many."""

    async def forget(self, token: str) -> None:
        """Remove a link, whose copy is deleted."""
