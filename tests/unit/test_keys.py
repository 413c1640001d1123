"""Object keys: built and read back in one place."""

import pytest

from domain.jobs.artifacts import MediaType
from domain.jobs.keys import claim_prefix, job_prefix, original_key, owner_of, result_key
from tests.support.jobs import JOB_ID


def test_the_keys_of_a_job_begin_with_its_id() -> None:
    keys = [original_key(JOB_ID), result_key(claim_prefix(JOB_ID, 2), "vocals", MediaType.FLAC)]
    assert keys == [f"{JOB_ID}/original", f"{JOB_ID}/2/vocals.flac"]
    assert all(key.startswith(job_prefix(JOB_ID)) and owner_of(key) == JOB_ID for key in keys)


@pytest.mark.parametrize("key", ["", "original", str(JOB_ID), "readme/original", f"{str(JOB_ID).replace('-', '')}/1/x"])
def test_keys_that_are_not_ours_have_no_owner(key: str) -> None:
    assert owner_of(key) is None
