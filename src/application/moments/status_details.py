"""Parts of a status: why a job failed and where, and what each of its files is."""

from datetime import datetime
from typing import Final, Self

import msgspec

from application.moments.named_artifacts import ORIGINAL
from application.moments.public_errors import public_error
from application.ports.objects import UrlSigner
from domain.blueprints.metadata import read_duration
from domain.jobs.artifacts import FINAL, Artifact, Stem
from domain.jobs.conversions import CONVERTED_NAMES
from domain.jobs.job import Job
from domain.jobs.transitions import JobStatus

_STEMS: Final = {stem.value: stem for stem in Stem}


class StatusError(msgspec.Struct, frozen=True):
    """Why a job failed, as anybody may read it.

    Attributes:
        code: Stable; programs match on it.
        message: One sentence for people.
        permanent: Whether sending the same request again is pointless.
        retryable: Whether `POST …/retry` may help: the error may pass, and the recording is still stored.
        stage: The stage that failed; absent where none had begun.
    """

    code: str
    message: str
    permanent: bool
    retryable: bool
    stage: JobStatus | None

    @classmethod
    def of(cls, job: Job) -> Self | None:
        """Return why a job failed, or None if it did not."""
        if job.error is None:
            return None
        error = public_error(job.error)
        retryable = job.keeps_objects and not error.permanent
        return cls(error.code, error.message, error.permanent, retryable, stage_of(job))


class ArtifactDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a moment.

    Attributes:
        name: As in `artifacts`, or `final` and `original`.
        bytes: Its size.
        seconds: How long it sounds; absent where that is not known.
        url: Signed.
        url_expires_at: From then on, a fresh URL is needed: read the status again.
    """

    name: str
    content_type: str
    bytes: int
    seconds: float | None
    url: str
    url_expires_at: datetime


def details_of(
    job: Job, files: dict[str, Artifact], links: dict[str, str], urls: UrlSigner
) -> tuple[ArtifactDetail, ...]:
    """Return what is known of each file of a job, given a link to each."""
    return tuple(
        ArtifactDetail(
            name=name,
            content_type=artifact.mime_type,
            bytes=artifact.size,
            seconds=seconds_of(job, name),
            url=links[name],
            url_expires_at=urls.expiry_of(links[name]),
        )
        for name, artifact in files.items()
    )


def stage_of(job: Job) -> JobStatus | None:
    """Return the stage that a job is in, or in which it failed; None before the first, and if it ended otherwise."""
    states = [change.status for change in job.history]
    stage = states[-2] if job.status is JobStatus.FAILED and len(states) > 1 else job.status
    return None if stage.terminal or stage is JobStatus.PENDING else stage


def seconds_of(job: Job, name: str) -> float | None:
    """Return how long the file with this name sounds, or None if that is not known."""
    if name == ORIGINAL:
        return read_duration(job.blueprint.metadata) if job.blueprint else None
    if name == FINAL or name in CONVERTED_NAMES:
        return job.music_seconds or None
    checkpoint = job.checkpoints.get(_STEMS[name]) if name in _STEMS else None
    return checkpoint.detail.get("duration") if checkpoint else None
