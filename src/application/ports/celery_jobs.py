"""The table of the Celery version, from which finished moments are brought over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from domain.jobs.job import Job


class CeleryJob(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the Celery version, as it is; whatever a column lacks is empty.

    Attributes:
        id: Usually a UUID.
        status: Usually one of ours, in any case.
        original: The URL of the recording, or its key.
        final: The same of the music.
        blueprint: As JSON, or None.
        error: Why it failed.
    """

    id: str
    status: str
    original: str
    final: str
    blueprint: Any
    error: str
    created_at: datetime | None
    updated_at: datetime | None


class CeleryJobs(Protocol):
    """Reads that table. Every method may raise `DatabaseUnavailable`."""

    async def read(self, after: str, limit: int) -> Sequence[CeleryJob]:
        """Return the next rows by id, after the id `after` ("" for the first ones).

        Raises:
            MomentError: `celery_table_missing`: there is no such table, or it lacks `id` or `status`.
        """

    async def add(self, job: Job) -> bool:
        """Insert a job that has ended; return whether it was new."""
