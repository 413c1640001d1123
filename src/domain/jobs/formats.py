"""The formats in which the music of a job is there, or can be made."""

from domain.jobs.artifacts import Artifact, Stem
from domain.jobs.job import Job
from domain.jobs.output_formats import MEDIA_TYPES, OutputFormat, converted_name, format_of


def music_in(job: Job, output_format: OutputFormat) -> Artifact | None:
    """Return the music of a job in a format, if it is there."""
    if not job.keeps_objects:
        return None
    own = format_of(job.request.output_format) == output_format
    if job.final and own and job.final.mime_type == MEDIA_TYPES[output_format]:
        return job.final
    band = job.checkpoints.get(Stem.INSTRUMENTAL)
    return band.extras.get(converted_name(output_format)) if band else None


def can_be_converted(job: Job) -> bool:
    """Return whether there are stems of which other formats can be made; a foreign server may have made none."""
    band = job.checkpoints.get(Stem.INSTRUMENTAL)
    return job.final is not None and band is not None and band.artifact is not None
