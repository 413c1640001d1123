"""How far a job is, from 0 to 1: the share of each state, and of each stem while they are rendered."""

from collections.abc import Mapping
from typing import Final

from domain.jobs.artifacts import Stem
from domain.jobs.job import Job
from domain.jobs.transitions import JobStatus

BEGINS_AT: Final = {
    JobStatus.PENDING: 0.0,
    JobStatus.ANALYZING: 0.05,
    JobStatus.RENDERING: 0.25,
    JobStatus.MIXING: 0.75,
    JobStatus.COMPLETED: 1.0,
    JobStatus.FAILED: 1.0,
    JobStatus.CANCELLED: 1.0,
}
"""The progress of a job that has just entered a state."""

_NEXT: Final = {
    JobStatus.PENDING: JobStatus.ANALYZING,
    JobStatus.ANALYZING: JobStatus.RENDERING,
    JobStatus.RENDERING: JobStatus.MIXING,
    JobStatus.MIXING: JobStatus.COMPLETED,
}


def progress_within(status: JobStatus, fraction: float) -> float:
    """Return the progress of a job that has done a fraction of its state; the fraction is clamped to 0..1."""
    begin = BEGINS_AT[status]
    end = BEGINS_AT[_NEXT.get(status, status)]
    return begin + (end - begin) * min(max(fraction, 0.0), 1.0)


def rendered_fraction(stems: Mapping[Stem, float]) -> float:
    """Return which part of the rendering is done: the mean over all stems, of which missing ones count as 0."""
    return sum(stems.values()) / len(Stem)


def progress_of(job: Job) -> float:
    """Return the progress of a job by its state and its settled stems."""
    settled = dict.fromkeys(job.checkpoints, 1.0) if job.status is JobStatus.RENDERING else {}
    return progress_within(job.status, rendered_fraction(settled))
