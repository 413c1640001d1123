"""The files of a moment by their names, and links to them."""

from typing import Final

from application.ports.objects import UrlSigner
from domain.jobs.artifacts import FINAL, ON_REQUEST, PART_NAMES, Artifact, Picture, Stem
from domain.jobs.job import Job
from domain.recordings.suffixes import SUFFIXES

ORIGINAL: Final = "original"
STEMS: Final = tuple(Stem)
KNOWN: Final = frozenset({ORIGINAL, FINAL, *Stem, "melody", "lead_sheet", *ON_REQUEST})
"""The names of what can be made of a moment."""

UNNAMED: Final = frozenset({ORIGINAL, FINAL})
"""What browsers play rather than save: the URLs of these suggest no name. All else are results of the stages."""


def results_of(job: Job) -> dict[str, Artifact]:
    """Return the stems, scores and pictures that a job keeps, by name, in the order of the stems."""
    made: dict[str, Artifact] = {}
    if not job.keeps_objects:
        return made
    for stem in STEMS:  # in this order, whichever was rendered first
        if checkpoint := job.checkpoints.get(stem):
            if checkpoint.artifact:
                made[stem] = checkpoint.artifact
            made |= checkpoint.extras
    return made


def artifacts_of(job: Job) -> dict[str, Artifact]:
    """Return everything that a job keeps: the music, the recording, and what else was made."""
    final = {FINAL: job.final} if job.final else {}
    original = {ORIGINAL: job.request.original} if job.keeps_objects else {}
    return {**final, **original, **results_of(job)}


def may_come(job: Job, name: str) -> bool:
    """Return whether a job that has not ended may still make what has this name."""
    if job.status.terminal or name not in KNOWN:
        return False
    if name in PART_NAMES.values():
        return job.request.part_type is not None
    return job.request.wants_pictures or name not in set(Picture)


async def link_to(urls: UrlSigner, artifact: Artifact, name: str, save_as: str = "") -> str:
    """Return a signed URL of an artifact.

    Args:
        urls: Signs it.
        artifact: The file.
        name: Among those of the moment.
        save_as: What browsers save it as, without the suffix; "" for its name, or for playing what can be played.
    """
    saved = save_as or ("" if name in UNNAMED else name)
    return await urls.sign_get(artifact.key, download_name=saved and saved + _suffix_of(artifact))


def _suffix_of(artifact: Artifact) -> str:
    """Return what the name of a file ends with; the key of a recording says nothing about it."""
    _, dot, suffix = artifact.key.rpartition("/")[2].rpartition(".")
    return dot + suffix if dot else SUFFIXES.get(artifact.mime_type, "")
