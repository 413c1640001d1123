"""Music tools that die in the middle of calls, again and again: of one job, or of something else."""

import random
from typing import Final

import anyio
import pytest

from domain.jobs.attempts import MAX_BREAKS
from domain.jobs.transitions import JobStatus
from tests.support.chaos_tools import POISON
from tests.support.processes import Row, ServiceProcesses, eventually

INNOCENTS: Final = 14
KILLS: Final = 12
PATIENCE: Final = 240.0
QUICK: Final = {"MOMENT_RETRY_CAP_SECONDS": "2"}
"""The default, 60 s, would make a test of ten delays last for minutes."""

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(PATIENCE + 60)]


async def all_ended(service: ServiceProcesses, ids: list[str]) -> dict[str, Row]:
    """Wait until the jobs have ended; return all rows."""

    async def have_ended() -> bool:
        rows = await service.rows()
        return all(rows[job_id].job.status.terminal for job_id in ids)

    await eventually(have_ended, PATIENCE)
    return await service.rows()


def untouched(rows: list[Row]) -> bool:
    """Return whether jobs have completed, without an error of their own."""
    return {(row.job.status, row.errors, row.crashes) for row in rows} == {(JobStatus.COMPLETED, 0, 0)}


@pytest.mark.parametrize("tool", ["analyze_hum", "render_vocals"])
async def test_a_job_that_kills_the_tools_fails_and_takes_no_other_with_it(
    service: ServiceProcesses, tool: str
) -> None:
    service.worker(**QUICK)
    service.worker(**QUICK)
    innocents = [await service.submit(str(number)) for number in range(INNOCENTS // 2)]
    poison = await service.submit("poison", POISON + tool)
    innocents += [await service.submit(str(number)) for number in range(INNOCENTS // 2)]
    async with service.kept_tools():
        rows = await all_ended(service, [*innocents, poison])
    assert untouched([rows[job_id] for job_id in innocents])
    job = rows[poison].job
    assert job.error is not None
    assert (job.error.code, job.error.permanent, job.keeps_objects) == ("breaks_tools", False, True)
    assert {call.job for call in service.calls(tool)} == {*innocents, poison}
    assert len([call for call in service.calls(tool) if call.job == poison]) <= MAX_BREAKS
    status = (await service.ask("GET", f"/v1/status/{poison}")).json()
    assert {attempt["code"] for attempt in status["attempts"]} >= {"tools_lost"}


async def test_tools_that_are_killed_again_and_again_cost_no_job_its_end(service: ServiceProcesses) -> None:
    chance = random.Random("kills")  # noqa: S311 - a plan, not a secret
    service.worker(**QUICK)
    service.worker(**QUICK)
    ids: list[str] = []
    async with service.kept_tools():
        for number in range(KILLS):
            ids += [await service.submit(f"{number} {copy}") for copy in range(2)]
            with anyio.move_on_after(5):  # until something runs that a kill can hurt
                await service.called("render_vocals", times=len(service.calls("render_vocals")) + 1)
            await anyio.sleep(chance.uniform(0, 0.3))
            service.stop_tools()
        rows = await all_ended(service, ids)
    assert untouched([rows[job_id] for job_id in ids])
