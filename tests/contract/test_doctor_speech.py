"""What the doctor sees in the speech engine that says lyrics; without it, nothing fails."""

from pathlib import Path

import pytest

from tests.support.doctor_run import DoctorRun
from tests.support.speech import require_engine

pytestmark = pytest.mark.anyio


@pytest.fixture
def patient(tmp_path: Path) -> DoctorRun:
    return DoctorRun(tmp_path)


async def test_no_engine_is_no_fault(patient: DoctorRun) -> None:
    found = await patient.run()
    assert patient.verdicts("speech") == ["not configured"]
    assert "hummed" in found["speech"].seen


async def test_an_engine_that_speaks(patient: DoctorRun) -> None:
    patient.configure(MOMENT_SPEECH=require_engine())
    found = await patient.run()
    assert patient.verdicts("speech") == ["ok"]
    assert "sounds in hello" in found["speech"].seen


async def test_an_engine_that_is_not_there_is_a_warning(patient: DoctorRun) -> None:
    patient.configure(MOMENT_SPEECH="/nonexistent/libespeak-ng.so.1")
    found = await patient.run()
    assert patient.verdicts("speech") == ["warn"]
    assert "apt-get install espeak-ng" in found["speech"].fix
