"""A job: one hum on its way to becoming a moment."""

from datetime import datetime
from typing import NewType, Self, assert_never
from uuid import UUID

import msgspec

from domain.artifacts import Artifact, Checkpoint, OutputKind, Step
from domain.blueprint import Blueprint, PartialBlueprint
from domain.errors import IllegalTransition, JobError
from domain.transitions import (
    Analyzed,
    Cancelled,
    Event,
    Failed,
    JobStatus,
    Mixed,
    Rendered,
    Started,
    StemSettled,
    next_status,
)

JobId = NewType("JobId", UUID)


class Visit(msgspec.Struct, frozen=True):
    """When a job entered a state."""

    status: JobStatus
    at: datetime


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the musician sent; never changes.

    Attributes:
        original: The uploaded recording.
        filename: The name it had on the musician's device: metadata, never a path.
        output_kind: Preview or song.
        blueprint: The fields that the musician fixed; the rest is completed from the hum.
    """

    original: Artifact
    filename: str = ""
    output_kind: OutputKind = OutputKind.PREVIEW
    blueprint: PartialBlueprint = {}


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """An immutable job; every event makes a new one.

    Attributes:
        version: Counts the events taken; drives ETags.
        blueprint: A draft from ANALYZING on, complete from RENDERING on.
        checkpoints: Settled stems by step.
        history: Every state entered, in order, with its time.
    """

    id: JobId
    request: Request
    status: JobStatus = JobStatus.PENDING
    version: int = 0
    blueprint: Blueprint | None = None
    checkpoints: dict[Step, Checkpoint] = {}
    final: Artifact | None = None
    error: JobError | None = None
    history: tuple[Visit, ...] = ()

    @classmethod
    def submitted(cls, job_id: JobId, request: Request, now: datetime) -> Self:
        """Return a new job, waiting for a worker."""
        return cls(id=job_id, request=request, history=(Visit(JobStatus.PENDING, now),))

    def on(self, event: Event, now: datetime) -> Self:
        """Return the job after an event.

        Raises:
            IllegalTransition: The state does not allow the event; this job is as it was.
        """
        status = next_status(self.status, event)
        changed = self._with(event)
        history = self.history if status is self.status else (*self.history, Visit(status, now))
        return msgspec.structs.replace(changed, status=status, version=self.version + 1, history=history)

    @property
    def keeps_objects(self) -> bool:
        """Whether the job's audio stays: not after a cancellation, not for input that can never become music."""
        refused = self.error is not None and self.error.permanent
        return self.status is not JobStatus.CANCELLED and not refused

    def _with(self, event: Event) -> Self:
        match event:
            case Cancelled():
                return self
            case Started(draft=blueprint) | Analyzed(blueprint=blueprint):
                return msgspec.structs.replace(self, blueprint=blueprint)
            case StemSettled(step=step, checkpoint=checkpoint):
                return self._settled(step, checkpoint)
            case Rendered():
                self._require_both_stems()
                return self
            case Mixed(final=final):
                return msgspec.structs.replace(self, final=final)
            case Failed(error=error):
                return msgspec.structs.replace(self, error=error)
            case _:
                assert_never(event)

    def _settled(self, step: Step, checkpoint: Checkpoint) -> Self:
        if step in self.checkpoints:
            raise IllegalTransition(self.status, f"StemSettled({step}) twice")
        return msgspec.structs.replace(self, checkpoints={**self.checkpoints, step: checkpoint})

    def _require_both_stems(self) -> None:
        if missing := set(Step) - set(self.checkpoints):
            raise IllegalTransition(self.status, f"Rendered without {', '.join(sorted(missing))}")
