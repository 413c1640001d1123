"""Read a moment's status."""

from datetime import datetime, timedelta

from application.moments.encoded_status import CachedStatus, EncodedStatus, Facts, StatusCache
from application.moments.forecast import Forecast, Forecasts
from application.moments.former_metadata import with_former_metadata
from application.moments.moment_status import MomentStatus, PastAttempt, timings_of, warnings_of
from application.moments.named_artifacts import ORIGINAL, UNNAMED, artifacts_of, link_to
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
        self._cache = StatusCache()

    async def __call__(self, job_id: JobId) -> EncodedStatus:
        """Return the status.

        Raises:
            JobNotFound: There is no such job.
            JobUnreadable: A newer version wrote it.
            DatabaseUnavailable: It cannot be read now.
        """
        cached = self._cache.find(job_id)
        if cached is None:
            return await self._updated(await self._jobs.get(job_id), None)
        view = await self._jobs.get_unless_ended(job_id, cached.status.version)
        return cached.status if view is None else await self._updated(view, cached)

    async def _updated(self, view: JobView, cached: CachedStatus | None) -> EncodedStatus:
        """Return the status of a view: the cached one, if it says the same."""
        forecast = await self._forecasts(view)
        facts: Facts = (view.job.version, view.progress, view.waiting_for, view.attempt, forecast)
        if cached and cached.facts == facts:
            return cached.status
        return self._cache.add(facts, await self._render(view, forecast))

    async def _render(self, view: JobView, forecast: Forecast) -> MomentStatus:
        job = view.job
        error = StatusError.of(job)
        files = artifacts_of(job)
        links = {name: await link_to(self._urls, artifact, name) for name, artifact in files.items()}
        artifacts = {name: link for name, link in links.items() if name not in UNNAMED}
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
            artifacts_detail=details_of(job, files, links, self._urls),
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
