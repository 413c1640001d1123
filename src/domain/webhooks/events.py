"""The events of a job that can be told to others: each state that it enters is one."""

from enum import StrEnum
from typing import Final

from domain.jobs.transitions import TERMINAL, JobStatus


class WebhookEvent(StrEnum):
    """The `type` of a webhook."""

    PENDING = "moment.pending"
    ANALYZING = "moment.analyzing"
    RENDERING = "moment.rendering"
    MIXING = "moment.mixing"
    COMPLETED = "moment.completed"
    FAILED = "moment.failed"
    CANCELLED = "moment.cancelled"

    @property
    def status(self) -> JobStatus:
        """The state that was entered."""
        return JobStatus(self.removeprefix("moment.").upper())


ENDINGS: Final = tuple(event for event in WebhookEvent if event.status in TERMINAL)
"""What is told to whoever names no events."""
