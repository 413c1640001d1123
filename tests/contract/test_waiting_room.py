"""How many jobs may wait, as clients of the API see it."""

from collections.abc import AsyncIterator
from uuid import UUID

import anyio
import httpx
import pytest

from domain.errors import JobError
from domain.jobs.job import JobId
from domain.jobs.transitions import Failed, JobStatus
from tests.support.api import WAV, ServedApi, serving_api
from tests.support.jobs import NOW, STARTED, room_for

pytestmark = pytest.mark.anyio

FEW, ALL = 3, 8
LOST = Failed(JobError("tools_lost", "the tools are away", permanent=False))


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    limits = {"MAX_WAITING_PER_CLIENT": str(FEW), "MAX_WAITING": str(ALL)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("application.moments.admission.COUNTED_SECONDS", 0.0)  # every request counts
        async with serving_api(tmp_path_factory.mktemp("objects"), **limits) as served:
            yield served


@pytest.fixture
async def api(served: ServedApi) -> ServedApi:
    for job_id in served.jobs.rows:
        await served.store.delete(f"{job_id}/")
    served.jobs.rows.clear()
    return served


def at(client: int) -> dict[str, str]:
    """Return the header of a proxy about a client."""
    return {"X-Forwarded-For": f"8.8.8.{client}"}


async def sent_at_once(api: ServedApi, count: int, headers: dict[str, str]) -> list[httpx.Response]:
    answers: list[httpx.Response] = []

    async def send() -> None:
        answers.append(await api.submit_with(headers))

    async with anyio.create_task_group() as group:
        for _ in range(count):
            group.start_soon(send)
    return answers


async def stored(api: ServedApi) -> set[str]:
    """Return the ids of the jobs whose objects are in the store."""
    return {found.key.partition("/")[0] for found in await api.store.list_page("", 1000)}


async def test_a_client_may_have_so_many_waiting_and_what_is_refused_leaves_nothing(api: ServedApi) -> None:
    answers = await sent_at_once(api, 12, at(1))
    assert sorted(answer.status_code for answer in answers) == [202] * FEW + [429] * 9
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "too_many_waiting"
    assert refused.headers["retry-after"] == "10"
    assert await stored(api) == {str(job_id) for job_id in api.jobs.rows}
    assert (await api.submit_with(at(2))).status_code == 202
    await api.jobs.claim(room_for("w", 4))
    assert (await api.submit_with(at(1))).status_code == 202


async def test_a_key_may_have_a_limit_of_its_own(api: ServedApi) -> None:
    generous, none = await api.new_key("generous", waiting=5), await api.new_key("none", waiting=0)
    assert {answer.status_code for answer in await sent_at_once(api, 5, generous)} == {202}
    assert (await api.submit_with(generous)).status_code == 429
    assert (await api.submit_with(none)).json()["code"] == "too_many_waiting"


async def test_the_queue_has_an_end(api: ServedApi) -> None:
    answers = [await api.submit() for _ in range(ALL + 2)]
    assert [answer.status_code for answer in answers] == [202] * ALL + [503] * 2
    assert answers[-1].json()["code"] == "queue_full"
    assert answers[-1].headers["retry-after"] == "30"
    assert await stored(api) == {str(job_id) for job_id in api.jobs.rows}


async def test_a_client_without_room_is_refused_before_its_body_arrives(api: ServedApi) -> None:
    await sent_at_once(api, FEW, at(1))
    head = "POST /v1/create-moment HTTP/1.1\r\nHost: here\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    async with await anyio.connect_tcp("127.0.0.1", api.http.base_url.port or 0) as connection:
        await connection.send(f"{head}X-Forwarded-For: 8.8.8.1\r\nContent-Length: 1000000\r\n\r\n".encode())
        with anyio.fail_after(5):
            assert (await connection.receive()).startswith(b"HTTP/1.1 429 ")


async def test_a_request_that_was_carried_out_is_answered_again_whatever_waits(api: ServedApi) -> None:
    headers = {**at(1), "Idempotency-Key": "once"}
    first = await api.submit_with(headers)
    await sent_at_once(api, FEW, at(1))
    again = await api.submit_with(headers)
    assert (again.status_code, again.json()) == (202, first.json())
    refused = await api.submit_with({**at(1), "Idempotency-Key": "another"}, WAV)
    assert refused.json()["code"] == "too_many_waiting"
    await api.jobs.claim(room_for("w", 9))
    assert (await api.submit_with({**at(1), "Idempotency-Key": "another"}, WAV)).status_code == 202


async def test_a_retry_needs_room_as_a_new_moment_does(api: ServedApi) -> None:
    job_id = JobId(UUID((await api.submit_with(at(1))).json()["job_id"]))
    row = api.jobs.rows[job_id]
    row.job, row.finished_at = row.job.on(STARTED, NOW).on(LOST, NOW), NOW
    await sent_at_once(api, FEW, at(1))
    refused = await api.http.post(f"/v1/jobs/{job_id}/retry", headers=at(1))
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_waiting")
    assert row.job.status is JobStatus.FAILED
    await api.jobs.claim(room_for("w", 1))
    assert (await api.http.post(f"/v1/jobs/{job_id}/retry", headers=at(1))).status_code == 202
