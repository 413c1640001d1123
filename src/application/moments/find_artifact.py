"""Find a file of a moment by its name, for links that never expire."""

from application.moments.named_artifacts import artifacts_of, link_to, may_come
from application.ports.jobs import JobRepository
from application.ports.objects import UrlSigner
from domain.errors import MomentError
from domain.jobs.artifacts import FINAL, Artifact
from domain.jobs.job import Job, JobId


class ArtifactNotFound(MomentError):
    """The moment has no such file, and will have none."""

    code = "artifact_not_found"
    permanent = True


class ArtifactNotReady(MomentError):
    """The moment has no such file yet."""

    code = "artifact_not_ready"


class FindArtifact:
    """Sign a fresh URL of a file."""

    def __init__(self, jobs: JobRepository, urls: UrlSigner) -> None:
        self._jobs = jobs
        self._urls = urls

    async def __call__(self, job_id: JobId, name: str, save_as: str = "") -> str:
        """Return a signed URL; with `save_as`, browsers save the file under that name (`link_to`).

        Raises:
            JobNotFound: There is no such job.
            ArtifactNotReady: The file may still be made.
            ArtifactNotFound: It was not asked for, or the job ended without it, or it was removed.
            JobUnreadable: A newer version wrote the job.
            DatabaseUnavailable: The job cannot be read now.
        """
        job = (await self._jobs.get(job_id)).job
        if artifact := artifacts_of(job).get(name):
            return await link_to(self._urls, artifact, name, save_as)
        raise missing(job, name)


def music_of(job: Job) -> Artifact:
    """Return the music of a job. Raises `ArtifactNotReady` or `ArtifactNotFound`."""
    if job.final and job.keeps_objects:
        return job.final
    raise missing(job, FINAL)


def missing(job: Job, name: str) -> ArtifactNotReady | ArtifactNotFound:
    """Return the error of a file that a job has not: it may still be made, or not any more."""
    if may_come(job, name):
        return ArtifactNotReady(f"the job {job.id} is {job.status}: its artifact {name!r} is not there yet")
    return ArtifactNotFound(f"the job {job.id} is {job.status}, and has no artifact {name[:40]!r}")
