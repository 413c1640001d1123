"""Read a moment's status."""

import time
from hashlib import blake2b
from typing import Final, Self

import msgspec

from application.moments.former_metadata import with_former_metadata
from application.moments.moment_status import MomentStatus, PastAttempt, timings_of, warnings_of
from application.moments.public_errors import public_error
from application.moments.style_resolved import StyleResolved
from application.ports.jobs import JobRepository, JobView
from application.ports.objects import UrlSigner
from domain.blueprints.blueprint import to_dict
from domain.jobs.artifacts import Artifact, Stem
from domain.jobs.job import Job, JobId
from domain.jobs.progress import progress_of

CACHE_SECONDS: Final = 5.0
"""Seconds for which a rendered status is cached; the URLs in it are valid for much longer."""

CACHED_JOBS: Final = 1024
CACHED_BYTES: Final = 16 * 1024
"""How many rendered statuses are cached, and how long each may be; a longer one is rendered for each request."""

Facts = tuple[int, float, str]
"""What a status depends on: the job's version, its progress, what it waits for."""

_encoder: Final = msgspec.json.Encoder()


class EncodedStatus(msgspec.Struct, frozen=True):
    """A status as JSON.

    Attributes:
        body: A `MomentStatus`.
        etag: Of the whole body, so that a 304 never hides a fresh URL (RFC 9110).
    """

    body: bytes
    etag: str

    @classmethod
    def of(cls, status: MomentStatus) -> Self:
        """Return the status, encoded."""
        body = _encoder.encode(status)
        return cls(body, f'"{blake2b(body, digest_size=12).hexdigest()}"')


class ReadStatus:
    """Render a moment's status; URLs are signed as it is rendered, so that they never arrive expired.

    It needs the database alone: signing calls nothing, so statuses are read while the object store is away.
    """

    def __init__(self, jobs: JobRepository, urls: UrlSigner) -> None:
        self._jobs = jobs
        self._urls = urls
        self._cache: dict[JobId, tuple[Facts, EncodedStatus, float]] = {}

    async def __call__(self, job_id: JobId) -> EncodedStatus:
        """Return the status.

        Raises:
            JobNotFound: There is no such job.
            JobUnreadable: A newer version wrote it.
            DatabaseUnavailable: It cannot be read now.
        """
        view = await self._jobs.get(job_id)
        facts = (view.job.version, view.progress, view.waiting_for)
        cached, status, until = self._cache.get(job_id, (None, None, 0.0))
        if status is not None and cached == facts and time.monotonic() < until:
            return status
        status = EncodedStatus.of(await self._render(view))
        self._keep(job_id, facts, status)
        return status

    def _keep(self, job_id: JobId, facts: Facts, status: EncodedStatus) -> None:
        if len(status.body) > CACHED_BYTES:
            return
        if len(self._cache) >= CACHED_JOBS:
            self._cache.clear()
        self._cache[job_id] = facts, status, time.monotonic() + CACHE_SECONDS

    async def _render(self, view: JobView) -> MomentStatus:
        job = view.job
        error = public_error(job.error) if job.error else None
        artifacts = await self._artifacts(job)
        return MomentStatus(
            id=job.id,
            status=job.status,
            original_audio_url=await self._url(job.request.original, "") if job.keeps_objects else None,
            blueprint_json=with_former_metadata(to_dict(job.blueprint), error, artifacts) if job.blueprint else None,
            final_audio_url=await self._url(job.final, "") if job.final else None,
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
