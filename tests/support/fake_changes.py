"""Notifications of changed jobs that a test sends itself."""

from application.ports.job_changes import OnChanges
from domain.jobs.job import JobId


class FakeChanges:
    """Implements `JobChanges`."""

    def __init__(self) -> None:
        self._on_changes: OnChanges | None = None

    def listens(self) -> bool:
        """Return whether somebody wants them."""
        return self._on_changes is not None

    def begin(self, on_changes: OnChanges) -> None:
        assert not self.listens()
        self._on_changes = on_changes

    def end(self) -> None:
        assert self.listens()
        self._on_changes = None

    def send(self, job_id: JobId, version: int) -> None:
        if self._on_changes:
            self._on_changes({job_id: version})
