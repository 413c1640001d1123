"""What a notification of changed jobs says: which jobs, and the version that each has now."""

import re
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from domain.jobs.job import JobId

MOST_CHANGES: Final = 180
"""Of one notification: Postgres takes less than 8,000 bytes, and an entry has 43 at most."""

_ENTRY: Final = re.compile(r"([0-9a-f]{32})([0-9]{1,10})")


def write_changes(changes: Iterable[tuple[JobId, int]]) -> str:
    """Return the payload."""
    return " ".join(f"{job_id.hex}{version}" for job_id, version in changes)


def read_changes(payload: str) -> dict[JobId, int]:
    """Return the newest version of each job; whatever is not from us is skipped, since anybody may notify."""
    found = filter(None, map(_ENTRY.fullmatch, payload.split(" ")))
    return {JobId(UUID(entry[1])): int(entry[2]) for entry in found}
