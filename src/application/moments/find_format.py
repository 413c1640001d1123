"""Find the music of a moment in a format; what is not there is made once, and kept."""

from collections.abc import Callable
from time import monotonic

from application.moments.field_readers import named_format
from application.moments.find_artifact import ArtifactNotReady, music_of
from application.moments.job_watch import JobWatch
from application.moments.named_artifacts import FINAL, link_to
from application.ports.conversions import Conversions
from application.ports.jobs import JobRepository
from application.ports.objects import UrlSigner
from domain.errors import MomentError
from domain.jobs.formats import can_be_converted, music_in
from domain.jobs.job import Job, JobId
from domain.jobs.output_formats import OutputFormat, converted_name


class FormatUnavailable(MomentError):
    """The music was made without stems, of which another format could be made."""

    code = "format_unavailable"
    permanent = True


class ConversionFailed(MomentError):
    """The format could not be made."""

    code = "conversion_failed"


class FindFormat:
    """Sign a URL of the music in a format, or have it made by a worker."""

    def __init__(self, jobs: JobRepository, conversions: Conversions, urls: UrlSigner, watch: JobWatch) -> None:
        self._jobs = jobs
        self._conversions = conversions
        self._urls = urls
        self._watch = watch

    async def __call__(
        self,
        job_id: JobId,
        name: str,
        seconds: int = 0,
        is_stopping: Callable[[], bool] = lambda: False,
        *,
        save_as: str = "",
    ) -> str:
        """Return a signed URL.

        Args:
            job_id: The job.
            name: Of the format.
            seconds: How long to wait for what is to be made, at most.
            is_stopping: Whether the process ends, so that nobody is to wait any more.
            save_as: The name under which browsers save it (`link_to`).

        Raises:
            InvalidFields: No format has this name.
            JobNotFound: There is no such job.
            ArtifactNotReady: The music is not there yet, or a worker makes the format.
            ArtifactNotFound: The job ended without music.
            FormatUnavailable: It cannot be made.
            ConversionFailed: A worker tried it in vain lately.
            JobUnreadable, DatabaseUnavailable: It cannot be said now.
        """
        wanted = named_format("format", name)
        job = (await self._jobs.get(job_id)).job
        music_of(job)  # or raise that there is none
        if not music_in(job, wanted):
            await self._request(job, wanted)
            job = await self._awaited(job, wanted, seconds, is_stopping)
        if (found := music_in(job, wanted)) is None:
            raise ArtifactNotReady(f"the music of the job {job_id} is being made as {wanted}")
        found_name = FINAL if found == job.final else converted_name(wanted)
        return await link_to(self._urls, found, found_name, save_as)

    async def _awaited(self, job: Job, wanted: OutputFormat, seconds: int, is_stopping: Callable[[], bool]) -> Job:
        """Return the job once the format is there, or as it is when the time is over; others may come before it."""
        ends = monotonic() + seconds
        while not music_in(job, wanted) and (left := ends - monotonic()) > 0 and not is_stopping():
            if not await self._watch(job.id, job.version, left, is_stopping):
                break
            job = (await self._jobs.get(job.id)).job
        return job

    async def _request(self, job: Job, wanted: OutputFormat) -> None:
        if not can_be_converted(job):
            raise FormatUnavailable(f"the music of the job {job.id} was made without stems: there is no {wanted} of it")
        if reason := await self._conversions.request(job.id, wanted):
            raise ConversionFailed(f"the music of the job {job.id} could not be made as {wanted}: {reason}")
