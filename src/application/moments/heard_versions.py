"""The versions that notifications told of just now, for those who begin to watch a moment too late to hear them."""

import time
from collections.abc import Callable, Mapping
from typing import Final

from domain.jobs.job import JobId

KEPT_SECONDS: Final = 1.0
"""By then, a query has been made for whoever watches."""

KEPT_JOBS: Final = 4096
"""More are kept by nobody who reads them in time."""


class HeardVersions:
    """Remembers notifications for a moment. Between reading a job and watching it, its next version may be committed.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._versions: dict[JobId, tuple[int, float]] = {}

    def hear(self, versions: Mapping[JobId, int]) -> None:
        """Remember versions."""
        if len(self._versions) + len(versions) > KEPT_JOBS:
            self._versions.clear()
        now = self._clock()
        self._versions |= {job_id: (version, now) for job_id, version in versions.items()}

    def version_of(self, job_id: JobId) -> int:
        """Return the version of a job that was heard of last; −1 if none was within the last second."""
        version, at = self._versions.get(job_id, (-1, 0.0))
        return version if self._clock() - at < KEPT_SECONDS else -1
