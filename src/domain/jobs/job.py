"""A job: one hum on its way to becoming a moment."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final, NewType, Self, assert_never
from uuid import UUID

import msgspec

from domain.blueprints.blueprint import Blueprint, OutputKind, PartialBlueprint
from domain.errors import IllegalTransition, JobError
from domain.jobs.artifacts import PART_TYPES, Artifact, Checkpoint, MediaType, OptionalArtifact, Stem
from domain.jobs.attempts import ATTEMPTS_KEPT, Attempt
from domain.jobs.calls import CALLS_KEPT, ToolCall
from domain.jobs.transitions import (
    Analyzed,
    AttemptEnded,
    AudioRemoved,
    Cancelled,
    Converted,
    Event,
    Failed,
    JobStatus,
    Mixed,
    Rendered,
    Retried,
    Started,
    StemsDiscarded,
    StemSettled,
    next_status,
)
from domain.warnings import RequestWarning

JobId = NewType("JobId", UUID)

DELIVERY: Final = timedelta(hours=1)
"""How long a moment is there to be fetched that is not to be kept."""


class StatusChange(msgspec.Struct, frozen=True):
    """The time at which a job entered a state."""

    status: JobStatus
    at: datetime


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the musician sent; it never changes, but that a retry has no deadline.

    Attributes:
        original: The uploaded recording.
        filename: The name it had on the musician's device: metadata, never a path.
        output_kind: Preview or song.
        blueprint: The fields that the musician fixed; the rest is completed from the hum.
        request_id: The id of the HTTP request that brought it, to find its log lines; may be empty.
        warnings: What was accepted and has no effect.
        artifacts: What they want besides the usual (`OptionalArtifact`); a newer version may know more names.
        owner: Of the key with which it was sent: nobody else sees the job. Empty without a key: its id is the secret.
        client: Who takes turns with others: the owner, or a pseudonym of an address; empty if unknown.
        client_reference: What the client calls the job.
        client_metadata: What the client wants to find in the status again.
        output_format: The format of the music, by its name; empty for the usual one.
        deadline: When the job ends without music, unless it is done.
        kept_seconds: How long the moment is kept after it has ended; 0 for as long as it takes to fetch it
            (`DELIVERY`), absent for the service's own retention.
        parent_id: The job of which this one is a remix.
        urgent: Whether it goes before the jobs that are not.
        webhook: The URL that is told of the job's events; empty without one.
        webhook_events: Which, by their names; empty for the endings.
        webhook_whole: Whether it is told the whole status.
    """

    original: Artifact
    filename: str = ""
    output_kind: OutputKind = OutputKind.PREVIEW
    blueprint: PartialBlueprint = {}
    request_id: str = ""
    warnings: tuple[RequestWarning, ...] = ()
    artifacts: tuple[str, ...] = ()
    owner: str = ""
    client: str = ""
    client_reference: str = ""
    client_metadata: dict[str, str] = {}
    output_format: str = ""
    deadline: datetime | None = None
    kept_seconds: int | None = None
    parent_id: JobId | None = None
    urgent: bool = False
    webhook: str = ""
    webhook_events: tuple[str, ...] = ()
    webhook_whole: bool = False

    @property
    def part_type(self) -> MediaType | None:
        """The media type of the parts' stems; None where they are not wanted."""
        return next((media_type for name, media_type in PART_TYPES.items() if name in self.artifacts), None)

    def seed_of(self, job_id: JobId) -> int:
        """Return the seed of chance: the same recording gives the same music; where its digest is unknown, no other."""
        return int(self.original.sha256[:8] or job_id.hex[:8], 16)

    @property
    def kept(self) -> timedelta | None:
        """How long the moment is kept after it has ended, at most; None for the service's own retention."""
        return None if self.kept_seconds is None else timedelta(seconds=self.kept_seconds) or DELIVERY

    @property
    def wants_pictures(self) -> bool:
        """Whether the pictures are wanted."""
        return OptionalArtifact.PICTURES in self.artifacts


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """An immutable job; every event returns a new one.

    Attributes:
        version: Counts the events; saves are ordered by it.
        blueprint: A draft from ANALYZING on, complete from RENDERING on.
        checkpoints: The settled stems.
        history: Every state entered, in order, with its time.
        attempts: The last attempts that did not end the job, oldest first.
        audio_removed: Whether its audio was deleted after it failed.
        calls: The last calls of music tools, in the order in which they ended.
    """

    id: JobId
    request: Request
    status: JobStatus = JobStatus.PENDING
    version: int = 0
    blueprint: Blueprint | None = None
    checkpoints: dict[Stem, Checkpoint] = {}
    final: Artifact | None = None
    error: JobError | None = None
    history: tuple[StatusChange, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    audio_removed: bool = False
    calls: tuple[ToolCall, ...] = ()

    @classmethod
    def submitted(
        cls, job_id: JobId, request: Request, now: datetime, checkpoints: dict[Stem, Checkpoint] | None = None
    ) -> Self:
        """Return a new job, waiting for a worker; a remix may have stems already."""
        history = (StatusChange(JobStatus.PENDING, now),)
        return cls(id=job_id, request=request, checkpoints=checkpoints or {}, history=history)

    def on(self, event: Event, now: datetime, calls: Iterable[ToolCall] = ()) -> Self:
        """Return the job after an event, and after the calls of tools that led to it.

        Raises:
            IllegalTransition: The state does not allow the event.
        """
        status = next_status(self.status, event)
        changed = self._with(event)
        history = self.history if status is self.status else (*self.history, StatusChange(status, now))
        known = (*self.calls, *calls)[-CALLS_KEPT:]
        return msgspec.structs.replace(changed, status=status, version=self.version + 1, history=history, calls=known)

    @property
    def keeps_objects(self) -> bool:
        """Whether the job's audio is kept: until it is cancelled, or removed because its input was refused."""
        return self.status is not JobStatus.CANCELLED and not self.audio_removed

    @property
    def refused(self) -> bool:
        """Whether the job failed because of what the musician sent; its audio is removed after a while."""
        return self.status is JobStatus.FAILED and self.error is not None and self.error.permanent

    @property
    def setbacks(self) -> int:
        """How many of the last attempts in a row ended in the present state because something was away."""
        since = self.history[-1].at
        recent = takewhile(lambda attempt: not attempt.counted and attempt.at >= since, reversed(self.attempts))
        return sum(1 for _ in recent)

    @property
    def music_seconds(self) -> float:
        """How long the music is, with its tail: as long as its stems; 0 before it is made.

        Where the tools did not measure them, it ends with its last section; 0 where they did not say that either.
        """
        if self.final is None:
            return 0.0
        made = self.checkpoints.values()
        measured = max((checkpoint.detail.get("duration", 0.0) for checkpoint in made), default=0.0)
        return measured or max((checkpoint.form[-1].end for checkpoint in made if checkpoint.form), default=0.0)

    @property
    def objects(self) -> frozenset[str]:
        """The keys of the objects that the job points to and keeps."""
        if not self.keeps_objects:
            return frozenset()
        settled = self.checkpoints.values()
        made = [self.final, *(checkpoint.artifact for checkpoint in settled)]
        extras = [extra.key for checkpoint in settled for extra in checkpoint.extras.values()]
        return frozenset([self.request.original.key, *extras, *(artifact.key for artifact in made if artifact)])

    def _with(self, event: Event) -> Self:
        changes: dict[str, Any] = {}
        match event:
            case Cancelled():
                pass
            case Started(draft=blueprint) | Analyzed(blueprint=blueprint):
                changes = {"blueprint": blueprint}
            case StemSettled() | Rendered() | StemsDiscarded() | Converted():
                changes = {"checkpoints": self._stems_after(event)}
            case Mixed(final=final):
                changes = {"final": final, "checkpoints": self._stems_after(event)}
            case Failed(error=error):
                changes = {"error": error}
            case AttemptEnded() | AudioRemoved():
                changes = self._noted(event)
            case Retried():
                self._require_recording()
                request = msgspec.structs.replace(self.request, deadline=None)
                changes = {"request": request, "blueprint": None, "checkpoints": {}, "error": None}
            case _:
                assert_never(event)
        return msgspec.structs.replace(self, **changes)

    def _noted(self, event: AttemptEnded | AudioRemoved) -> dict[str, Any]:
        """Return what an event changes that leaves the job in its state."""
        if isinstance(event, AudioRemoved):
            return {"audio_removed": True}
        return {"attempts": (*self.attempts, event.attempt)[-ATTEMPTS_KEPT:]}

    def _stems_after(
        self, event: StemSettled | Rendered | StemsDiscarded | Mixed | Converted
    ) -> dict[Stem, Checkpoint]:
        match event:
            case StemSettled(stem=stem) if stem in self.checkpoints:
                raise IllegalTransition(self.status, f"StemSettled({stem}) twice")
            case StemSettled(stem=stem, checkpoint=checkpoint):
                return {**self.checkpoints, stem: checkpoint}
            case Rendered():
                self._require_both_stems()
                return self.checkpoints
            case StemsDiscarded():
                return {}
            case Mixed(extras=extras, warnings=warnings):
                return self._with_extras(extras, warnings)
            case Converted(name=name, artifact=artifact):
                return self._with_extras({name: artifact})

    def _with_extras(
        self, extras: dict[str, Artifact], warnings: tuple[RequestWarning, ...] = ()
    ) -> dict[Stem, Checkpoint]:
        """Return the stems with by-products that are no stem's.

        They are beside those of one, where workers of every version look for what a job points to: what they do not
        find, they sweep.
        """
        band = self.checkpoints[Stem.INSTRUMENTAL]
        extras, warnings = {**band.extras, **extras}, (*band.warnings, *warnings)
        return {**self.checkpoints, Stem.INSTRUMENTAL: msgspec.structs.replace(band, extras=extras, warnings=warnings)}

    def _require_recording(self) -> None:
        if self.status is JobStatus.FAILED and not self.keeps_objects:
            raise IllegalTransition(self.status, "Retried after its recording was removed")

    def _require_both_stems(self) -> None:
        if missing := set(Stem) - set(self.checkpoints):
            raise IllegalTransition(self.status, f"Rendered without {', '.join(sorted(missing))}")
