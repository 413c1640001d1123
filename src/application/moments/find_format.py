"""Find the music of a moment, or a stem of it, in a format; what is not there is made once, and kept."""

from collections.abc import Callable
from time import monotonic

from application.moments.field_readers import invalid, named_format
from application.moments.find_artifact import ArtifactNotReady, missing
from application.moments.job_watch import JobWatch
from application.moments.named_artifacts import link_to
from application.ports.conversions import Conversions
from application.ports.jobs import JobRepository
from application.ports.objects import UrlSigner
from domain.errors import MomentError
from domain.jobs.conversions import CONVERTIBLE, FileFormat
from domain.jobs.formats import can_be_converted, file_in, file_of
from domain.jobs.job import Job, JobId


class FormatUnavailable(MomentError):
    """The music was made without stems, of which another format could be made."""

    code = "format_unavailable"
    permanent = True


class ConversionFailed(MomentError):
    """What is made on demand could not be made."""

    code = "conversion_failed"


class FindFormat:
    """Sign a URL of a file in a format, or have it made by a worker."""

    def __init__(self, jobs: JobRepository, conversions: Conversions, urls: UrlSigner, watch: JobWatch) -> None:
        self._jobs = jobs
        self._conversions = conversions
        self._urls = urls
        self._watch = watch

    async def __call__(
        self,
        job_id: JobId,
        wanted: FileFormat,
        seconds: int = 0,
        is_stopping: Callable[[], bool] = lambda: False,
        *,
        save_as: str = "",
    ) -> str:
        """Return a signed URL.

        Args:
            job_id: The job.
            wanted: The music or a stem, and the format.
            seconds: How long to wait for what is to be made, at most.
            is_stopping: Whether the process ends, so that nobody is to wait any more.
            save_as: The name under which browsers save it (`link_to`).

        Raises:
            JobNotFound: There is no such job.
            ArtifactNotReady: The file is not there yet, or a worker makes the format.
            ArtifactNotFound: The job ended without the file.
            FormatUnavailable: It cannot be made.
            ConversionFailed: A worker tried it in vain lately.
            TooManyConversions: The client waits for too much already.
            JobUnreadable, DatabaseUnavailable: It cannot be said now.
        """
        job = (await self._jobs.get(job_id)).job
        if file_of(job, wanted.file) is None:
            raise missing(job, wanted.file)
        if not file_in(job, wanted):
            await self._request(job, wanted)
            job = await self._awaited(job, wanted, seconds, is_stopping)
        if (found := file_in(job, wanted)) is None:
            raise ArtifactNotReady(f"{wanted.file} of the job {job_id} is being made as {wanted.output_format}")
        found_name = wanted.file if found == file_of(job, wanted.file) else wanted.name
        return await link_to(self._urls, found, found_name, save_as)

    async def _awaited(self, job: Job, wanted: FileFormat, seconds: int, is_stopping: Callable[[], bool]) -> Job:
        """Return the job once the format is there, or as it is when the time is over; others may come before it."""
        ends = monotonic() + seconds
        while not file_in(job, wanted) and (left := ends - monotonic()) > 0 and not is_stopping():
            if not await self._watch(job.id, job.version, left, is_stopping):
                break
            job = (await self._jobs.get(job.id)).job
        return job

    async def _request(self, job: Job, wanted: FileFormat) -> None:
        what = f"{wanted.file} of the job {job.id}"
        if not job.status.terminal:
            raise ArtifactNotReady(f"{what} has other formats once the job is COMPLETED; it is {job.status}")
        if not can_be_converted(job, wanted.file):
            raise FormatUnavailable(f"{what} cannot be had as {wanted.output_format}: it was made without stems")
        if reason := await self._conversions.request(job.id, wanted.name):
            raise ConversionFailed(f"{what} could not be made as {wanted.output_format}: {reason}")


def file_format_named(file: str, name: str) -> FileFormat:
    """Return a file in a format by their names. Raises `InvalidFields`: it is no stem nor the music, or no format."""
    if file not in CONVERTIBLE:
        raise invalid("format", f"is for the music and its stems alone: {', '.join(CONVERTIBLE)}")
    return FileFormat(file, named_format("format", name))
