"""What clients see of a moment: the five fields of the original service, and those that were added since."""

from datetime import datetime
from typing import Any, Self

import msgspec

from application.moments.public_errors import public_message
from application.moments.status_details import ArtifactDetail, StatusError
from application.moments.style_resolved import StyleResolved
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.metadata import read_damage
from domain.jobs.artifacts import Stem
from domain.jobs.attempts import Attempt
from domain.jobs.job import Job, JobId
from domain.jobs.priorities import Priority
from domain.jobs.transitions import JobStatus
from domain.music.score import FormSection, PlayedChord
from domain.warnings import RequestWarning, WarningCode


class Timing(msgspec.Struct, frozen=True):
    """When a state or the rendering of a stem began, and how long it took.

    Attributes:
        name: A status, or `vocals` and `instrumental`, which overlap within RENDERING.
        start: Seconds after the job was accepted.
        seconds: The duration; absent while it lasts.
    """

    name: str
    start: float
    seconds: float | None = None

    @classmethod
    def between(cls, name: str, origin: datetime, start: datetime, end: datetime | None) -> Self:
        """Return the timing of a span relative to the origin."""
        seconds = None if end is None else round((end - start).total_seconds(), 3)
        return cls(name, round((start - origin).total_seconds(), 3), seconds)


class PastAttempt(msgspec.Struct, frozen=True):
    """An attempt that did not end the job, as anybody may see it: without the names of our machines.

    Attributes:
        at: When it ended.
        code: Why.
        message: One sentence for people, where the attempt failed by itself; what was away is our own affair.
        counted: Whether it counts towards the end of the job.
    """

    at: datetime
    code: str
    message: str
    counted: bool

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        """Return what may be seen of an attempt."""
        message = public_message(attempt.code, attempt.message) if attempt.counted else ""
        return cls(attempt.at, attempt.code, message, attempt.counted)


class MomentStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What `GET /v1/status/{job_id}` returns; the first five fields are those of the original service.

    Attributes:
        blueprint_json: The blueprint as it is now: a draft while the hum is analyzed.
        progress: 0..1.
        artifacts: Signed URLs of the stems (`vocals`, `instrumental`), the score (`melody` is MIDI, `lead_sheet`
            MusicXML), and if they were requested the stems of parts (`part_lead` …) and the pictures (`picture_melody`,
            `picture_waveform`, both SVG).
        measurements: What the tools measured, by stem.
        chords: Symbols of the chords of the piece, in order; empty until they are known.
        form: The sections of the piece as they were played, in order; empty likewise.
        harmony: The same chords with their times; empty likewise, and of moments of older versions.
        waiting_for: The code of what keeps the job waiting; absent while it runs or only awaits its turn.
        attempts: The last attempts that did not end the job, oldest first.
        warnings: What in the request was accepted and has no effect, or another one than expected; what was missing of
            the recording; what the tools did not do.
        style_resolved: What was understood of the words for the style.
        terminal: Whether the status is final, unless a job that failed is retried.
        stage: The stage that runs, or that failed; absent before the first one, and if the job ended otherwise.
        attempt: Counts the times that a worker took the job up, without those that do not count.
        queue_position: How many jobs would be claimed before this one; 1000 means so many or more. Absent unless it
            waits for its turn.
        eta_seconds: Seconds until it is done, by the median of recent moments of its kind; absent where that is not
            known.
        expires_at: When the moment is removed; absent while it is made, and where moments are kept for ever.
        artifacts_detail: Every file: the music, the recording, and those in `artifacts`.
        parent_id: The job of which this one is a remix; absent of others. It may have been deleted.
        parent_url: Its path on this host.
        client_reference: As the request has it, like the fields that follow.
        output_format: Of the music, by its name.
        deadline: When the moment is given up, unless it is done.
        retention: How long it is kept after it has ended, as a duration of ISO 8601; PT0S for the hour in which to
            fetch it. Absent where the request did not say.
    """

    id: JobId
    status: JobStatus
    original_audio_url: str | None
    blueprint_json: dict[str, Any] | None
    final_audio_url: str | None
    output_kind: OutputKind
    progress: float
    terminal: bool
    error: StatusError | None
    waiting_for: str | None
    attempts: tuple[PastAttempt, ...]
    warnings: tuple[RequestWarning, ...]
    style_resolved: StyleResolved
    artifacts: dict[str, str]
    measurements: dict[str, dict[str, float]]
    chords: tuple[str, ...]
    form: tuple[FormSection, ...]
    harmony: tuple[PlayedChord, ...]
    timings: tuple[Timing, ...]
    created_at: datetime
    updated_at: datetime
    version: int
    stage: JobStatus | None
    attempt: int
    queue_position: int | None
    eta_seconds: float | None
    expires_at: datetime | None
    artifacts_detail: tuple[ArtifactDetail, ...]
    parent_id: JobId | None
    parent_url: str | None
    client_reference: str | None
    client_metadata: dict[str, str]
    output_format: str
    deadline: datetime | None
    priority: Priority
    retention: str | None


def warnings_of(job: Job) -> tuple[RequestWarning, ...]:
    """Return the warnings about the request, what was missing of the recording, and what the tools did not do."""
    damage = read_damage(job.blueprint.metadata) if job.blueprint else ""
    found = [RequestWarning(WarningCode.RECORDING_DAMAGED, "/file", damage)] if damage else []
    found += [warning for stem in Stem if stem in job.checkpoints for warning in job.checkpoints[stem].warnings]
    return (*job.request.warnings, *found)


def timings_of(job: Job) -> tuple[Timing, ...]:
    """Return when each state was entered and left, and when each stem was rendered; stems of a parent were before."""
    origin = job.history[0].at
    ends = [change.at for change in job.history[1:]]
    states = [
        Timing.between(change.status, origin, change.at, end)
        for change, end in zip(job.history, [*ends, None], strict=True)
        if not change.status.terminal
    ]
    stems = [
        Timing.between(stem, origin, checkpoint.started_at, checkpoint.finished_at)
        for stem in Stem
        if (checkpoint := job.checkpoints.get(stem)) and checkpoint.finished_at >= origin
    ]
    return (*states, *stems)
