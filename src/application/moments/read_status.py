"""Read a moment's status."""

import time
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final, Self

import msgspec

from application.moments.forecast import Forecast, Forecasts
from application.moments.former_metadata import with_former_metadata
from application.moments.moment_status import MomentStatus, PastAttempt, timings_of, warnings_of
from application.moments.named_artifacts import ORIGINAL, artifacts_of, link_to, results_of
from application.moments.status_details import StatusError, details_of, stage_of
from application.moments.style_resolved import StyleResolved
from application.ports.jobs import JobRepository, JobView
from application.ports.objects import UrlSigner
from domain.blueprints.blueprint import to_dict
from domain.jobs.artifacts import FINAL
from domain.jobs.durations import duration_of
from domain.jobs.job import JobId
from domain.jobs.output_formats import USUAL
from domain.jobs.priorities import Priority
from domain.jobs.progress import progress_of

CACHE_SECONDS: Final = 5.0
"""Seconds for which a rendered status is cached; the URLs in it are valid for much longer."""

CACHED_JOBS: Final = 1024
CACHED_BYTES: Final = 18 * 1024
"""How many rendered statuses are cached, and how long each may be; a longer one is rendered for each request."""

LONGEST_POLL: Final = 30
"""Seconds between two reads that are suggested of a job that waits long."""

Facts = tuple[int, float, str, int, Forecast]
"""What a status depends on: the job's version, its progress, what it waits for, its attempt, what is foreseen."""

_encoder: Final = msgspec.json.Encoder()


class EncodedStatus(msgspec.Struct, frozen=True):
    """A status as JSON.

    Attributes:
        body: A `MomentStatus`.
        etag: Of the whole body, so that a 304 never hides a fresh URL (RFC 9110).
        version: Of the job.
        read_again_after: Seconds after which to read it again; None if it is final.
    """

    body: bytes
    etag: str
    version: int
    read_again_after: int | None

    @classmethod
    def of(cls, status: MomentStatus) -> Self:
        """Return the status, encoded."""
        body = _encoder.encode(status)
        etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
        return cls(body, etag, status.version, None if status.terminal else _pause(status))


class ReadStatus:
    """Render a moment's status; URLs are signed as it is rendered, so that they never arrive expired.

    It needs the database alone: signing calls nothing, so statuses are read while the object store is away.

    Args:
        jobs: The jobs.
        urls: Signs the links.
        forecasts: What is foreseen of jobs that have not ended.
        retention: How long a job is kept that has ended; zero means for ever.
    """

    def __init__(self, jobs: JobRepository, urls: UrlSigner, forecasts: Forecasts, retention: timedelta) -> None:
        self._jobs = jobs
        self._urls = urls
        self._forecasts = forecasts
        self._retention = retention
        self._cache: dict[JobId, tuple[Facts, EncodedStatus, float]] = {}

    async def __call__(self, job_id: JobId) -> EncodedStatus:
        """Return the status.

        Raises:
            JobNotFound: There is no such job.
            JobUnreadable: A newer version wrote it.
            DatabaseUnavailable: It cannot be read now.
        """
        view = await self._jobs.get(job_id)
        forecast = await self._forecasts(view)
        facts = (view.job.version, view.progress, view.waiting_for, view.attempt, forecast)
        cached, status, until = self._cache.get(job_id, (None, None, 0.0))
        if status is not None and cached == facts and time.monotonic() < until:
            return status
        status = EncodedStatus.of(await self._render(view, forecast))
        self._keep(job_id, facts, status)
        return status

    def _keep(self, job_id: JobId, facts: Facts, status: EncodedStatus) -> None:
        if len(status.body) > CACHED_BYTES:
            return
        if len(self._cache) >= CACHED_JOBS:
            self._cache.clear()
        self._cache[job_id] = facts, status, time.monotonic() + CACHE_SECONDS

    async def _render(self, view: JobView, forecast: Forecast) -> MomentStatus:
        job = view.job
        error = StatusError.of(job)
        links = {name: await link_to(self._urls, artifact, name) for name, artifact in artifacts_of(job).items()}
        artifacts = {name: links[name] for name in results_of(job)}
        return MomentStatus(
            id=job.id,
            status=job.status,
            original_audio_url=links.get(ORIGINAL),
            blueprint_json=with_former_metadata(to_dict(job.blueprint), error, artifacts) if job.blueprint else None,
            final_audio_url=links.get(FINAL),
            output_kind=job.request.output_kind,
            progress=round(max(view.progress, progress_of(job)), 3),
            terminal=job.status.terminal,
            error=error,
            waiting_for=view.waiting_for or None,
            attempts=tuple(PastAttempt.of(attempt) for attempt in job.attempts),
            warnings=warnings_of(job),
            style_resolved=StyleResolved.of(job.request.blueprint),
            artifacts=artifacts,
            measurements={stem: checkpoint.detail for stem, checkpoint in job.checkpoints.items()},
            chords=next((made.chords for made in job.checkpoints.values() if made.chords), ()),
            form=next((made.form for made in job.checkpoints.values() if made.form), ()),
            harmony=next((made.harmony for made in job.checkpoints.values() if made.harmony), ()),
            timings=timings_of(job),
            created_at=job.history[0].at,
            updated_at=job.history[-1].at,
            version=job.version,
            stage=stage_of(job),
            attempt=view.attempt,
            queue_position=forecast.queue_position,
            eta_seconds=forecast.eta_seconds,
            expires_at=self._expiry(view),
            artifacts_detail=details_of(job, links, self._urls),
            parent_id=job.request.parent_id,
            parent_url=f"/v1/jobs/{job.request.parent_id}" if job.request.parent_id else None,
            client_reference=job.request.client_reference or None,
            client_metadata=job.request.client_metadata,
            output_format=job.request.output_format or USUAL,
            deadline=job.request.deadline,
            priority=Priority.HIGH if job.request.urgent else Priority.NORMAL,
            retention=None if job.request.kept_seconds is None else duration_of(job.request.kept_seconds),
        )

    def _expiry(self, view: JobView) -> datetime | None:
        """Return when a moment is removed: the request may ask for less time than every moment has, not for more."""
        ages = [age for age in (self._retention, view.job.request.kept) if age]
        return view.finished_at + min(ages) if view.finished_at and ages else None


def _pause(status: MomentStatus) -> int:
    """Return for how many seconds a client may look away: while a job waits its turn, half of what that may take."""
    waits = status.eta_seconds if status.queue_position else None
    return min(max(int((waits or 0.0) / 2), 1), LONGEST_POLL)
