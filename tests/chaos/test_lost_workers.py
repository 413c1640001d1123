"""Workers that stall, die and are stopped, as real processes."""

import signal
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import anyio
import pytest

from domain.jobs.attempts import MAX_CRASHES
from domain.jobs.transitions import JobStatus
from tests.support.processes import LEASE, Process, ServiceProcesses, eventually

pytestmark = pytest.mark.anyio

TOOLS = ("analyze_hum", "render_vocals", "render_instrumental")


async def test_a_zombie_changes_nothing_drops_the_job_and_works_on(service: ServiceProcesses) -> None:
    gate = service.hold("render_vocals")
    zombie = service.worker()
    job_id = await service.submit()
    await service.called("render_vocals")
    zombie.send(signal.SIGSTOP)
    other = service.worker()
    await service.called("render_vocals", times=2)
    gate.unlink()
    done = await service.ended(job_id)
    zombie.send(signal.SIGCONT)
    await eventually(lambda: f"job dropped job_id={job_id}" in zombie.log)
    other.send(signal.SIGTERM)
    assert await other.ended() == 0
    assert (await service.ended(await service.submit())).job.status is JobStatus.COMPLETED
    assert done.job.status is JobStatus.COMPLETED
    assert (await service.row(job_id)) == done
    assert {call.token for call in service.calls("synthesize_preview") if call.job == job_id} == {done.token}


async def test_a_worker_that_was_stopped_for_most_of_a_lease_holds_on_to_nothing_that_it_stopped(
    service: ServiceProcesses,
) -> None:
    gate = service.hold("render_vocals")
    worker = service.worker()
    jobs = [await service.submit() for _ in range(6)]
    await service.called("render_vocals", times=len(jobs))
    worker.send(signal.SIGSTOP)
    await anyio.sleep(0.9 * LEASE)  # its own clock ends at 0.8, the lease does not
    worker.send(signal.SIGCONT)
    await anyio.sleep(1)
    gate.unlink()
    assert {(await service.ended(job_id)).job.status for job_id in jobs} == {JobStatus.COMPLETED}


async def test_a_result_that_comes_after_another_claim_is_not_written(service: ServiceProcesses) -> None:
    gate = service.hold("synthesize_preview")
    worker = service.worker()
    job_id = await service.submit()
    await service.called("synthesize_preview")
    await service.query(
        "UPDATE moment.jobs SET lease_token = lease_token + 1, lease_expires_at = now() + interval '1 minute'"
    )
    before = await service.row(job_id)
    gate.unlink()
    await eventually(lambda: f"job dropped job_id={job_id}" in worker.log)
    assert await service.row(job_id) == before


async def test_a_job_that_kills_its_worker_each_time_ends_with_a_reason(service: ServiceProcesses) -> None:
    service.hold("analyze_hum")
    job_id = await service.submit()
    await service.query("UPDATE moment.jobs SET crashes = $1", MAX_CRASHES - 2)
    for attempt in (1, 2):
        worker = service.worker()
        await service.called("analyze_hum", times=attempt)
        worker.kill()
    service.worker()
    row = await service.ended(job_id)
    assert row.job.status is JobStatus.FAILED
    status = (await service.ask("GET", f"/v1/status/{job_id}")).json()
    assert status["error"]["code"] == "attempts_exhausted"
    assert f"{MAX_CRASHES} attempts" in status["error"]["message"]
    assert {attempt["code"] for attempt in status["attempts"]} == {"worker_lost"}
    assert len(service.calls("analyze_hum")) == 2


async def test_what_a_lost_worker_had_finished_is_not_done_again(service: ServiceProcesses) -> None:
    gate = service.hold("synthesize_preview")
    worker = service.worker()
    job_id = await service.submit()
    await service.called("synthesize_preview")
    worker.kill()
    service.worker()
    await service.called("synthesize_preview", times=2)
    gate.unlink()
    row = await service.ended(job_id)
    assert row.job.status is JobStatus.COMPLETED
    assert [len(service.calls(tool)) for tool in TOOLS] == [1, 1, 1]
    assert row.attempt == 2


@pytest.mark.parametrize("tool", ["analyze_hum", "render_vocals", "synthesize_preview"])
async def test_a_running_job_is_cancelled_within_a_second(service: ServiceProcesses, tool: str) -> None:
    service.hold(tool)
    service.worker()
    job_id = await service.submit()
    await service.called(tool)
    assert (await service.ask("POST", f"/v1/jobs/{job_id}/cancel")).status_code == 200
    with anyio.fail_after(1):
        row = await service.ended(job_id)
    assert row.job.status is JobStatus.CANCELLED
    await service.called(tool, what="cancelled")
    await eventually(service.holds_no_objects)
    assert (await service.ask("POST", f"/v1/jobs/{job_id}/cancel")).json()["status"] == "CANCELLED"


async def test_sigterm_lets_jobs_finish(service: ServiceProcesses) -> None:
    gate = service.hold("render_vocals")
    worker = service.worker()
    job_id = await service.submit()
    await service.called("render_vocals")
    worker.send(signal.SIGTERM)
    await eventually(lambda: "SIGTERM: stopping" in worker.log)
    waiting = await service.submit()
    await anyio.sleep(LEASE + 1)  # the lease is kept alive while the worker drains
    gate.unlink()
    assert await worker.ended() == 0
    row = await service.row(job_id)
    assert (row.job.status, row.token) == (JobStatus.COMPLETED, 1)
    assert (await service.row(waiting)).token == 0


async def test_a_second_sigterm_gives_jobs_to_the_others_at_once(service: ServiceProcesses) -> None:
    gate = service.hold("render_vocals")
    worker = service.worker()
    job_id = await service.submit()
    await service.called("render_vocals")
    other = service.worker()
    await eventually(lambda: "working" in other.log)
    worker.send(signal.SIGTERM)
    await eventually(lambda: "SIGTERM: stopping" in worker.log)
    worker.send(signal.SIGTERM)
    assert await worker.ended() == 0
    with anyio.fail_after(LEASE - 1):  # it would take longer for the lease to run out
        await service.called("render_vocals", times=2)
    gate.unlink()
    row = await service.ended(job_id)
    assert (row.job.status, row.attempt, row.token) == (JobStatus.COMPLETED, 1, 2)
    assert len(service.calls("analyze_hum")) == 1


async def test_a_job_that_kills_its_workers_takes_no_other_with_it(service: ServiceProcesses) -> None:
    service.worker()
    innocents = [await service.submit(str(number)) for number in range(7)]
    poison = await service.submit("poison")
    await service.query("UPDATE moment.jobs SET crashes = $1 WHERE id = $2", MAX_CRASHES - 4, poison)
    innocents += [await service.submit(str(number)) for number in range(7)]
    while not (await service.row(poison)).job.status.terminal:
        await kill_the_worker_of(service, poison)
        if not service.workers[-1].alive:
            service.worker()
        await anyio.sleep(0.02)
    rows = [await service.ended(job_id) for job_id in innocents]
    assert {row.job.status for row in rows} == {JobStatus.COMPLETED}
    assert max(row.crashes for row in rows) <= 2
    error = (await service.row(poison)).job.error
    assert error is not None
    assert error.code == "attempts_exhausted"


async def kill_the_worker_of(service: ServiceProcesses, job_id: str) -> None:
    """Kill the worker that runs a job, if it has begun."""
    held = await service.query(
        "SELECT worker FROM moment.jobs WHERE id = $1 AND lease_expires_at > now() AND crashes < $2",
        job_id,
        MAX_CRASHES,
    )
    for (name,) in held:
        process_id = int(name.split("-")[-2])
        for worker in service.workers:
            if worker.process_id == process_id and worker.alive:
                worker.kill()


async def test_workers_that_are_replaced_one_by_one_lose_nothing_and_count_nothing(service: ServiceProcesses) -> None:
    workers = [service.worker() for _ in range(2)]
    ids = []
    for number in range(6):
        ids += [await service.submit(str(number)) for _ in range(5)]
        old = workers.pop(0)
        workers.append(service.worker())
        await eventually(partial(_is_working, workers[-1]))
        old.send(signal.SIGTERM)
        assert await old.ended() == 0
    rows = [await service.ended(job_id) for job_id in ids]
    assert {row.job.status for row in rows} == {JobStatus.COMPLETED}
    assert {(row.errors, row.crashes) for row in rows} == {(0, 0)}


def _is_working(worker: Process) -> bool:
    return "working" in worker.log


@pytest.fixture
def faketime() -> Path:
    """Provide the library that gives a process another clock (`apt-get install faketime`)."""
    found = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if found is None:
        pytest.skip("libfaketime is not installed")
    return found


@pytest.mark.parametrize("skew", ["+20m", "-20m", "+1d"])
async def test_a_worker_whose_clock_is_wrong_does_what_others_do(
    service: ServiceProcesses, faketime: Path, skew: str
) -> None:
    gate = service.hold("render_vocals")
    lost = service.worker()
    taken_over = await service.submit()
    await service.called("render_vocals")
    lost.kill()
    gate.unlink()
    service.worker(LD_PRELOAD=str(faketime), FAKETIME=skew, FAKETIME_DONT_FAKE_MONOTONIC="1")
    ids = [taken_over, *[await service.submit(str(number)) for number in range(5)]]
    rows = [await service.ended(job_id) for job_id in ids]
    assert {row.job.status for row in rows} == {JobStatus.COMPLETED}
    now = datetime.now(UTC)
    assert all(abs(now - visit.at) < timedelta(minutes=1) for row in rows for visit in row.job.history)
