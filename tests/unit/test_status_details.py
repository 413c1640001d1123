"""What a status says of a job's files."""

import msgspec
import pytest

from application.moments.status_details import seconds_of
from domain.jobs.artifacts import Stem
from domain.jobs.transitions import JobStatus
from tests.support.jobs import a_job_that_is


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("final", 23.4), ("final_wav_44100", 23.4), ("instrumental", 23.4), ("vocals", None), ("melody", None)],
)
def test_the_music_is_as_long_as_its_stems(name: str, seconds: float | None) -> None:
    job = a_job_that_is(JobStatus.COMPLETED)
    stems = dict(job.checkpoints)
    stems[Stem.INSTRUMENTAL] = msgspec.structs.replace(stems[Stem.INSTRUMENTAL], detail={"duration": 23.4})
    assert seconds_of(msgspec.structs.replace(job, checkpoints=stems), name) == seconds
