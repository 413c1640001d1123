"""URLs of the stems of a job, for the tools that mix them."""

from application.ports.objects import UrlSigner
from domain.jobs.artifacts import Stem
from domain.jobs.job import Job


async def stem_urls(job: Job, urls: UrlSigner) -> dict[Stem, str]:
    """Return signed URLs of the stems that were made."""
    return {
        stem: await urls.sign_get(checkpoint.artifact.key)
        for stem, checkpoint in job.checkpoints.items()
        if checkpoint.artifact
    }
