"""The formats in which the files of a job are there, or can be made."""

from domain.jobs.artifacts import FINAL, Artifact, Stem
from domain.jobs.conversions import FileFormat
from domain.jobs.job import Job
from domain.jobs.output_formats import MEDIA_TYPES, OutputFormat, format_of


def music_in(job: Job, output_format: OutputFormat) -> Artifact | None:
    """Return the music of a job in a format, if it is there."""
    return file_in(job, FileFormat(FINAL, output_format))


def file_in(job: Job, wanted: FileFormat) -> Artifact | None:
    """Return a file of a job in a format, if it is there."""
    made = file_of(job, wanted.file)
    if made is None or _is_in(job, made, wanted):
        return made
    band = job.checkpoints.get(Stem.INSTRUMENTAL)
    return band.extras.get(wanted.name) if band else None


def file_of(job: Job, name: str) -> Artifact | None:
    """Return the music of a job, or a stem, as it was made."""
    if not job.keeps_objects:
        return None
    if name == FINAL:
        return job.final
    for stem, checkpoint in job.checkpoints.items():
        if found := checkpoint.artifact if stem == name else checkpoint.extras.get(name):
            return found
    return None


def can_be_converted(job: Job, name: str = FINAL) -> bool:
    """Return whether there is what another format can be made of; a foreign server may have made no stems."""
    return job.final is not None and file_of(job, Stem.INSTRUMENTAL if name == FINAL else name) is not None


def _is_in(job: Job, made: Artifact, wanted: FileFormat) -> bool:
    """Return whether a file was made in the format: the music in that of its request, stems in one for each codec."""
    fits = made.mime_type == MEDIA_TYPES[wanted.output_format]
    own = format_of(job.request.output_format)
    return fits and (wanted.file != FINAL or own == wanted.output_format)
