"""Read a moment's status: the five fields of the original service, and those that were added since."""

import time
from datetime import datetime
from typing import Any, Final, Self

import msgspec

from application.ports.jobs import JobRepository, JobView
from application.ports.objects import UrlSigner
from domain.blueprints.blueprint import OutputKind, to_dict
from domain.errors import JobError
from domain.jobs.artifacts import Artifact, Stem
from domain.jobs.attempts import Attempt
from domain.jobs.job import Job, JobId
from domain.jobs.progress import progress_of
from domain.jobs.transitions import JobStatus
from domain.warnings import RequestWarning

CACHE_SECONDS: Final = 5.0
"""Seconds for which a rendered status is cached; the URLs in it are valid for much longer."""

CACHED_JOBS: Final = 1024
"""How many rendered statuses are cached."""


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
        return cls(attempt.at, attempt.code, attempt.message if attempt.counted else "", attempt.counted)


class MomentStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What `GET /v1/status/{job_id}` returns; the first five fields are those of the original service.

    Attributes:
        blueprint_json: The blueprint as it is now: a draft while the hum is analyzed.
        progress: 0..1.
        artifacts: Signed URLs of the stems (`vocals`, `instrumental`) and the MIDI file (`melody`).
        measurements: What the tools measured, by stem.
        chords: Symbols of the chords of the piece, in order; empty until they are known.
        waiting_for: The code of what keeps the job waiting; absent while it runs or only awaits its turn.
        attempts: The last attempts that did not end the job, oldest first.
        warnings: What in the request was accepted and has no effect, or another one than expected.
        terminal: Whether the status is final, unless an operator retries a job that failed.
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
    waiting_for: str | None
    attempts: tuple[PastAttempt, ...]
    warnings: tuple[RequestWarning, ...]
    artifacts: dict[str, str]
    measurements: dict[str, dict[str, float]]
    chords: tuple[str, ...]
    timings: tuple[Timing, ...]
    created_at: datetime
    updated_at: datetime
    version: int


class ReadStatus:
    """Render a moment's status; URLs are signed as it is rendered, so that they never arrive expired.

    It needs the database alone: signing calls nothing, so statuses are read while the object store is away.
    """

    def __init__(self, jobs: JobRepository, urls: UrlSigner) -> None:
        self._jobs = jobs
        self._urls = urls
        self._cache: dict[JobId, tuple[JobView, MomentStatus, float]] = {}

    async def __call__(self, job_id: JobId) -> MomentStatus:
        """Return the status.

        Raises:
            JobNotFound: There is no such job.
            JobUnreadable: A newer version wrote it.
            DatabaseUnavailable: It cannot be read now.
        """
        view = await self._jobs.get(job_id)
        cached, status, until = self._cache.get(job_id, (None, None, 0.0))
        if cached is not None and status is not None and _alike(cached, view) and time.monotonic() < until:
            return status
        status = await self._render(view)
        if len(self._cache) >= CACHED_JOBS:
            self._cache.clear()
        self._cache[job_id] = view, status, time.monotonic() + CACHE_SECONDS
        return status

    async def _render(self, view: JobView) -> MomentStatus:
        job = view.job
        return MomentStatus(
            id=job.id,
            status=job.status,
            original_audio_url=await self._url(job.request.original, "") if job.keeps_objects else None,
            blueprint_json=to_dict(job.blueprint) if job.blueprint else None,
            final_audio_url=await self._url(job.final, "") if job.final else None,
            output_kind=job.request.output_kind,
            progress=round(max(view.progress, progress_of(job)), 3),
            terminal=job.status.terminal,
            error=job.error,
            waiting_for=view.waiting_for or None,
            attempts=tuple(PastAttempt.of(attempt) for attempt in job.attempts),
            warnings=job.request.warnings,
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
        for stem in Stem:  # in this order, whichever was rendered first
            if checkpoint := job.checkpoints.get(stem):
                made |= {stem: checkpoint.artifact} if checkpoint.artifact else {}
                made |= checkpoint.extras
        return {name: await self._url(artifact, name) for name, artifact in made.items()}

    async def _url(self, artifact: Artifact, name: str) -> str:
        suffix = artifact.key.rsplit(".", 1)[-1]
        return await self._urls.sign_get(artifact.key, download_name=f"{name}.{suffix}" if name else "")


def timings_of(job: Job) -> tuple[Timing, ...]:
    """Return when each state was entered and left, and when each stem was rendered."""
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
        if (checkpoint := job.checkpoints.get(stem))
    ]
    return (*states, *stems)


def _alike(one: JobView, other: JobView) -> bool:
    """Return whether two views of a job look the same."""
    facts = [(view.job.version, view.progress, view.waiting_for) for view in (one, other)]
    return facts[0] == facts[1]
