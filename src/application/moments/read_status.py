"""Read a moment's status: the original five fields, and what people asked for since."""

import time
from datetime import datetime
from typing import Any, Final, Self

import msgspec

from application.ports.jobs import JobRepository
from application.ports.objects import UrlSigner
from domain.blueprints.blueprint import OutputKind, to_dict
from domain.errors import JobError
from domain.jobs.artifacts import Artifact, Stem
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus

PROGRESS_AT: Final = {
    JobStatus.PENDING: 0.0,
    JobStatus.ANALYZING: 0.05,
    JobStatus.RENDERING: 0.25,
    JobStatus.MIXING: 0.75,
    JobStatus.COMPLETED: 1.0,
    JobStatus.FAILED: 1.0,
    JobStatus.CANCELLED: 1.0,
}
PROGRESS_PER_STEM: Final = 0.2

FRESH_SECONDS: Final = 5.0
"""How long the words for a version are used again; URLs in them are good for far longer."""

REMEMBERED: Final = 1024
"""Jobs whose words are kept."""


class Timing(msgspec.Struct, frozen=True):
    """When something happened.

    Attributes:
        name: A status, or `vocals` and `instrumental`, which lie side by side within RENDERING.
        start: Seconds after the job was accepted.
        seconds: How long it took; absent while it lasts.
    """

    name: str
    start: float
    seconds: float | None = None

    @classmethod
    def between(cls, name: str, origin: datetime, start: datetime, end: datetime | None) -> Self:
        """Return the timing of a span relative to the origin."""
        seconds = None if end is None else round((end - start).total_seconds(), 3)
        return cls(name, round((start - origin).total_seconds(), 3), seconds)


class MomentStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What `GET /v1/status/{job_id}` says; the first five fields are those of the original service.

    Attributes:
        blueprint_json: The blueprint as it is now: a draft while the hum is analysed.
        progress: 0..1.
        artifacts: Signed URLs of the stems (`vocals`, `instrumental`) and the MIDI file (`melody`).
        measurements: What the tools measured, by stem.
        chords: Symbols of the chords of the piece, in order; empty until they are known.
        terminal: Whether nothing will change any more, unless an operator retries a job that failed.
    """

    id: JobId
    status: JobStatus
    original_audio_url: str | None
    blueprint_json: dict[str, Any] | None
    final_audio_url: str | None
    output_kind: OutputKind
    progress: float
    terminal: bool
    error: JobError | None
    artifacts: dict[str, str]
    measurements: dict[str, dict[str, float]]
    chords: tuple[str, ...]
    timings: tuple[Timing, ...]
    created_at: datetime
    updated_at: datetime
    version: int


class ReadStatus:
    """Say how a moment is doing; URLs are signed now, so that they never arrive expired."""

    def __init__(self, jobs: JobRepository, urls: UrlSigner) -> None:
        self._jobs = jobs
        self._urls = urls
        self._said: dict[JobId, tuple[MomentStatus, float, float]] = {}

    async def __call__(self, job_id: JobId) -> MomentStatus:
        """Return the status, or raise `JobNotFound`."""
        job, reported = await self._jobs.get(job_id)
        said, told, until = self._said.get(job_id, (None, 0.0, 0.0))
        if said is not None and (said.version, told) == (job.version, reported) and time.monotonic() < until:
            return said  # a version never changes
        status = await self._say(job, reported)
        if len(self._said) >= REMEMBERED:
            self._said.clear()
        self._said[job_id] = status, reported, time.monotonic() + FRESH_SECONDS
        return status

    async def _say(self, job: Job, reported: float) -> MomentStatus:
        return MomentStatus(
            id=job.id,
            status=job.status,
            original_audio_url=await self._url(job.request.original, "") if job.keeps_objects else None,
            blueprint_json=to_dict(job.blueprint) if job.blueprint else None,
            final_audio_url=await self._url(job.final, "") if job.final else None,
            output_kind=job.request.output_kind,
            progress=round(max(reported, progress_of(job)), 3),
            terminal=job.status.terminal,
            error=job.error,
            artifacts=await self._artifacts(job),
            measurements={stem: checkpoint.detail for stem, checkpoint in job.checkpoints.items()},
            chords=next((made.chords for made in job.checkpoints.values() if made.chords), ()),
            timings=timings_of(job),
            created_at=job.history[0].at,
            updated_at=job.history[-1].at,
            version=job.version,
        )

    async def _artifacts(self, job: Job) -> dict[str, str]:
        if not job.keeps_objects:
            return {}
        made: dict[str, Artifact] = {}
        for stem, checkpoint in job.checkpoints.items():
            made |= {stem: checkpoint.artifact} if checkpoint.artifact else {}
            made |= checkpoint.extras
        return {name: await self._url(artifact, name) for name, artifact in made.items()}

    async def _url(self, artifact: Artifact, name: str) -> str:
        suffix = artifact.key.rsplit(".", 1)[-1]
        return await self._urls.sign_get(artifact.key, download_name=f"{name}.{suffix}" if name else "")


def progress_of(job: Job) -> float:
    """Return how far the job is by its state and its settled stems, 0..1."""
    stems = len(job.checkpoints) if job.status is JobStatus.RENDERING else 0
    return PROGRESS_AT[job.status] + PROGRESS_PER_STEM * stems


def timings_of(job: Job) -> tuple[Timing, ...]:
    """Return when each state was entered and left, and when each stem was rendered."""
    origin = job.history[0].at
    ends = [visit.at for visit in job.history[1:]]
    visits = [
        Timing.between(visit.status, origin, visit.at, end)
        for visit, end in zip(job.history, [*ends, None], strict=True)
        if not visit.status.terminal
    ]
    stems = [
        Timing.between(stem, origin, checkpoint.started_at, checkpoint.finished_at)
        for stem in Stem
        if (checkpoint := job.checkpoints.get(stem))
    ]
    return (*visits, *stems)
