"""The state machine of a job: states, events, and the table of transitions."""

from enum import StrEnum
from typing import Final

import msgspec

from domain.blueprints.blueprint import Blueprint
from domain.errors import IllegalTransition, JobError
from domain.jobs.artifacts import Artifact, Checkpoint, Stem
from domain.jobs.attempts import Attempt
from domain.warnings import RequestWarning


class JobStatus(StrEnum):
    """The state of a job."""

    PENDING = "PENDING"
    ANALYZING = "ANALYZING"
    RENDERING = "RENDERING"
    MIXING = "MIXING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def terminal(self) -> bool:
        """Whether the state is final, unless a job that failed is retried."""
        return self in TERMINAL


TERMINAL: Final = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})


class Started(msgspec.Struct, frozen=True):
    """A worker began the job; the draft is shown until the hum is analyzed."""

    draft: Blueprint


class Analyzed(msgspec.Struct, frozen=True):
    """The hum was analyzed; the blueprint is complete and valid."""

    blueprint: Blueprint


class StemSettled(msgspec.Struct, frozen=True):
    """One of the two stems is stored, or the server has no tool for it."""

    stem: Stem
    checkpoint: Checkpoint


class Rendered(msgspec.Struct, frozen=True):
    """Both stems are settled."""


class StemsDiscarded(msgspec.Struct, frozen=True):
    """A stem is damaged; both are rendered again."""


class Mixed(msgspec.Struct, frozen=True):
    """The finished audio is stored, and by-products of the mix by name; `warnings` name what was not done."""

    final: Artifact
    extras: dict[str, Artifact] = {}
    warnings: tuple[RequestWarning, ...] = ()


class Converted(msgspec.Struct, frozen=True):
    """The music, or a stem of it, is stored in another format, too, under a name of its own."""

    name: str
    artifact: Artifact


class Failed(msgspec.Struct, frozen=True):
    """The job failed; it ends so unless it is retried."""

    error: JobError


class Cancelled(msgspec.Struct, frozen=True):
    """A client or an operator cancelled the job."""


class Retried(msgspec.Struct, frozen=True):
    """Somebody queued a failed job again; it starts from its recording."""


class AttemptEnded(msgspec.Struct, frozen=True):
    """A worker gave the job up; it stays where it is, for the next one."""

    attempt: Attempt


class AudioRemoved(msgspec.Struct, frozen=True):
    """The audio of a job that failed was deleted; it cannot be retried any more."""


Event = (
    Started
    | Analyzed
    | StemSettled
    | Rendered
    | StemsDiscarded
    | Mixed
    | Converted
    | Failed
    | Cancelled
    | Retried
    | AttemptEnded
    | AudioRemoved
)

TABLE: Final[dict[tuple[JobStatus, type], JobStatus]] = {
    (JobStatus.PENDING, Started): JobStatus.ANALYZING,
    (JobStatus.ANALYZING, Analyzed): JobStatus.RENDERING,
    (JobStatus.RENDERING, StemSettled): JobStatus.RENDERING,
    (JobStatus.RENDERING, Rendered): JobStatus.MIXING,
    (JobStatus.MIXING, StemsDiscarded): JobStatus.RENDERING,
    (JobStatus.MIXING, Mixed): JobStatus.COMPLETED,
    (JobStatus.COMPLETED, Converted): JobStatus.COMPLETED,
    **{(status, Failed): JobStatus.FAILED for status in JobStatus if status not in TERMINAL},
    **{(status, Cancelled): JobStatus.CANCELLED for status in JobStatus if status not in TERMINAL},
    (JobStatus.FAILED, Retried): JobStatus.PENDING,
    (JobStatus.FAILED, AudioRemoved): JobStatus.FAILED,
    **{(status, AttemptEnded): status for status in JobStatus if status not in TERMINAL},
}


def next_status(status: JobStatus, event: Event) -> JobStatus:
    """Return the state after an event.

    Raises:
        IllegalTransition: The state does not allow the event.
    """
    try:
        return TABLE[status, type(event)]
    except KeyError:
        raise IllegalTransition(status, type(event).__name__) from None
