"""Notifications that jobs have changed."""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from domain.jobs.job import JobId

OnChanges = Callable[[Mapping[JobId, int]], None]
"""Called with the versions that jobs have now; also with jobs that nobody here knows."""


class JobChanges(Protocol):
    """Notifications of new versions, never of progress; they may get lost or be late, so callers poll as well."""

    def begin(self, on_changes: OnChanges) -> None:
        """Call `on_changes` soon after each commit, from a moment on that is not far."""

    def end(self) -> None:
        """Call nobody any more."""


class _NoChanges:
    """Implements `JobChanges` where there are no notifications."""

    def begin(self, on_changes: OnChanges) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""


NO_CHANGES: Final = _NoChanges()
