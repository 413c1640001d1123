"""The events of a job, derived from its row: the states that it entered, and the files that were made in each.

Their order and their ids come from what only grows (the history, and the checkpoints in the order in which they were
settled), so every process and every reading finds the same ones. A file is told of while the job points to it; where it
is gone (the stems were damaged, the job was cancelled), its id stays unused.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

import msgspec

from application.moments.status_details import StatusError, seconds_of
from domain.jobs.artifacts import FINAL, Artifact, Picture
from domain.jobs.conversions import CONVERTED_NAMES
from domain.jobs.job import Job, JobId, StatusChange
from domain.jobs.transitions import JobStatus

_MADE_BY_MIX: Final = frozenset({Picture.WAVEFORM})
"""The by-products that come with the finished music, though a stem's checkpoint keeps them."""

_MADE_LATER: Final = _MADE_BY_MIX | CONVERTED_NAMES
"""Those that come after the stems, or once the stream of events has ended."""

_MOST_DIGITS: Final = 9


class EventId(msgspec.Struct, frozen=True, order=True):
    """A place in the history of a job; ids grow.

    Attributes:
        state: The index in the history.
        number: 0 is the state itself, those of the files that were made in it follow.
    """

    state: int
    number: int

    def __str__(self) -> str:
        """Return the id as clients see it."""
        return f"{self.state}.{self.number}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the id of a text, or None if it is none of ours."""
        state, _, number = text.partition(".")
        if not all(part.isascii() and part.isdecimal() and len(part) <= _MOST_DIGITS for part in (state, number)):
            return None
        return cls(int(state), int(number))


class EventName(StrEnum):
    """The kinds of events."""

    STATUS = "status"
    ARTIFACT = "artifact"
    PROGRESS = "progress"


class StatusData(msgspec.Struct, frozen=True):
    """The job entered a state.

    Attributes:
        at: When, by the database's clock.
        terminal: Whether this is the last event.
        error: Why it failed, as in its status.
    """

    status: JobStatus
    at: datetime
    terminal: bool
    error: StatusError | None = None


class ArtifactData(msgspec.Struct, frozen=True, kw_only=True):
    """A file is there.

    Attributes:
        name: As in `artifacts` of the status, or `final`.
        seconds: How long it sounds; absent where that is not known.
        url: A path that does not expire: it redirects to a signed URL.
    """

    name: str
    content_type: str
    bytes: int
    seconds: float | None
    url: str

    @classmethod
    def of(cls, job: Job, name: str, artifact: Artifact) -> Self:
        """Return what is told of a file of a job."""
        return cls(
            name=name,
            content_type=artifact.mime_type,
            bytes=artifact.size,
            seconds=seconds_of(job, name),
            url=audio_path(job.id, name),
        )


class ProgressData(msgspec.Struct, frozen=True):
    """How far the job is, 0..1."""

    progress: float


class JobEvent(msgspec.Struct, frozen=True):
    """An event; progress has no id, because it is not replayed."""

    name: EventName
    data: StatusData | ArtifactData | ProgressData
    id: EventId | None = None


def audio_path(job_id: JobId, name: str) -> str:
    """Return the path of the route that redirects to a file."""
    return f"/v1/jobs/{job_id}/audio?artifact={name}"


def events_of(job: Job, after: EventId | None) -> list[JobEvent]:
    """Return the events with greater ids since the job was last queued, oldest first: a retry begins anew.

    Args:
        job: The job.
        after: The last one that is known; None for all.
    """
    found = _events(job)
    return [event for event in found if after is None or event.id is None or event.id > after]


def _events(job: Job) -> Iterator[JobEvent]:
    states = [change.status for change in job.history]
    begin, rendered = _last(states, JobStatus.PENDING), _last(states, JobStatus.RENDERING)
    for index, change in enumerate(job.history[begin:], begin):
        yield JobEvent(EventName.STATUS, _status(job, change, is_last=index == len(states) - 1), EventId(index, 0))
        has_stems = index == rendered and change.status is JobStatus.RENDERING  # a remix that waits may have some
        made = [*(_stems(job) if has_stems else ()), *(_mixed(job) if index == len(states) - 2 else ())]
        for number, (name, artifact) in enumerate(made, 1):
            yield JobEvent(EventName.ARTIFACT, ArtifactData.of(job, name, artifact), EventId(index, number))


def _last(states: list[JobStatus], status: JobStatus) -> int:
    return max((index for index, each in enumerate(states) if each is status), default=0)


def _status(job: Job, change: StatusChange, *, is_last: bool) -> StatusData:
    terminal = is_last and change.status.terminal
    return StatusData(change.status, change.at, terminal, StatusError.of(job) if terminal else None)


def _stems(job: Job) -> Iterator[tuple[str, Artifact]]:
    """Yield the stems, each followed by what came with it, in the order in which they were settled."""
    for stem, checkpoint in job.checkpoints.items() if job.keeps_objects else ():
        if checkpoint.artifact:
            yield stem, checkpoint.artifact
        yield from ((name, extra) for name, extra in checkpoint.extras.items() if name not in _MADE_LATER)


def _mixed(job: Job) -> Iterator[tuple[str, Artifact]]:
    """Yield the finished music and what came with it, once it is there."""
    if job.final is None:
        return
    yield FINAL, job.final
    for checkpoint in job.checkpoints.values():
        yield from ((name, extra) for name, extra in checkpoint.extras.items() if name in _MADE_BY_MIX)
