"""Progress: where each state begins, and what the stems add in between."""

import pytest

from domain.jobs.artifacts import Stem
from domain.jobs.progress import progress_of, progress_within, rendered_fraction
from domain.jobs.transitions import TERMINAL, JobStatus
from tests.support.jobs import ANALYZED, INSTRUMENTAL, NOW, RENDERED, STARTED, VOCALS, a_job, a_job_that_is


def test_progress_grows_with_every_event() -> None:
    job, seen = a_job(), [0.0]
    for event in (STARTED, ANALYZED, VOCALS, INSTRUMENTAL, RENDERED):
        job = job.on(event, NOW)
        seen.append(progress_of(job))
    assert seen == [0.0, 0.05, 0.25, 0.5, 0.75, 0.75]


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_a_job_that_has_ended_is_at_one(status: JobStatus) -> None:
    assert progress_of(a_job_that_is(status)) == 1.0


def test_what_a_tool_reports_stays_within_the_share_of_its_state() -> None:
    assert progress_within(JobStatus.MIXING, 0.5) == 0.875
    assert progress_within(JobStatus.MIXING, 7.0) == 1.0
    assert progress_within(JobStatus.ANALYZING, -1.0) == 0.05


def test_stems_count_alike() -> None:
    assert rendered_fraction({Stem.VOCALS: 1.0}) == 0.5
    assert rendered_fraction({Stem.VOCALS: 0.5, Stem.INSTRUMENTAL: 1.0}) == 0.75
