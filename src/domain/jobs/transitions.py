"""The state machine of a job: states, events, and the one table that joins them."""

from enum import StrEnum
from typing import Final

import msgspec

from domain.blueprints.blueprint import Blueprint
from domain.errors import IllegalTransition, JobError
from domain.jobs.artifacts import Artifact, Checkpoint, Stem


class JobStatus(StrEnum):
    """Where a job is."""

    PENDING = "PENDING"
    ANALYZING = "ANALYZING"
    RENDERING = "RENDERING"
    MIXING = "MIXING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def terminal(self) -> bool:
        """Whether nothing happens to the job any more, unless an operator retries one that failed."""
        return self in TERMINAL


TERMINAL: Final = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})


class Started(msgspec.Struct, frozen=True):
    """A worker took the job for the first time; the draft is the plan until the hum is understood."""

    draft: Blueprint


class Analyzed(msgspec.Struct, frozen=True):
    """The hum was understood and the blueprint is complete and valid."""

    blueprint: Blueprint


class StemSettled(msgspec.Struct, frozen=True):
    """One of the two stems is stored, or the tools do not offer it."""

    stem: Stem
    checkpoint: Checkpoint


class Rendered(msgspec.Struct, frozen=True):
    """Both stems are settled."""


class Mixed(msgspec.Struct, frozen=True):
    """The finished audio is stored."""

    final: Artifact


class Failed(msgspec.Struct, frozen=True):
    """The job cannot be finished."""

    error: JobError


class Cancelled(msgspec.Struct, frozen=True):
    """Somebody asked for the job to stop."""


class Retried(msgspec.Struct, frozen=True):
    """An operator wants a failed job to be made again, from its recording on."""


Event = Started | Analyzed | StemSettled | Rendered | Mixed | Failed | Cancelled | Retried

TABLE: Final[dict[tuple[JobStatus, type], JobStatus]] = {
    (JobStatus.PENDING, Started): JobStatus.ANALYZING,
    (JobStatus.ANALYZING, Analyzed): JobStatus.RENDERING,
    (JobStatus.RENDERING, StemSettled): JobStatus.RENDERING,
    (JobStatus.RENDERING, Rendered): JobStatus.MIXING,
    (JobStatus.MIXING, Mixed): JobStatus.COMPLETED,
    **{(status, Failed): JobStatus.FAILED for status in JobStatus if status not in TERMINAL},
    **{(status, Cancelled): JobStatus.CANCELLED for status in JobStatus if status not in TERMINAL},
    (JobStatus.FAILED, Retried): JobStatus.PENDING,
}


def next_status(status: JobStatus, event: Event) -> JobStatus:
    """Return the state that follows.

    Raises:
        IllegalTransition: The table has no such step.
    """
    try:
        return TABLE[status, type(event)]
    except KeyError:
        raise IllegalTransition(status, type(event).__name__) from None
