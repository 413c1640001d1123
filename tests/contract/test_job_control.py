"""Following, cancelling, retrying and deleting jobs over HTTP, under the server that production uses."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import anyio
import httpx
import msgspec
import pytest

from application.moments.job_watch import JobWatch
from application.moments.moment_status import MomentStatus
from application.ports.objects import StorageUnavailable
from domain.errors import JobError
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import Failed, JobStatus
from entrypoints.api.status_example import EXAMPLE
from tests.support.api import WAV, ServedApi, serving_api
from tests.support.fake_faults import ALWAYS
from tests.support.fake_store import InMemoryStore
from tests.support.jobs import CANCELLED, NOW, STARTED, a_job_that_is, room_for
from tests.support.pipeline import in_pieces

pytestmark = pytest.mark.anyio

LOST = Failed(JobError("child_lost", "out of memory"))


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path_factory.mktemp("objects")) as served:
        yield served


@pytest.fixture
async def api(served: ServedApi) -> ServedApi:
    for job_id in served.jobs.rows:
        await served.store.delete(f"{job_id}/")
    served.jobs.rows.clear()
    served.jobs.paused.clear()
    return served


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def submitted(api: ServedApi) -> JobId:
    return JobId(UUID((await api.submit()).json()["job_id"]))


async def added(api: ServedApi, status: JobStatus) -> Job:
    job = a_job_that_is(status, JobId(uuid4()))
    await api.jobs.add(job)
    return job


async def failed(api: ServedApi) -> JobId:
    """Add a job that failed while it was analyzed, for a reason that passes."""
    job_id = await submitted(api)
    row = api.jobs.rows[job_id]
    row.job, row.finished_at = row.job.on(STARTED, NOW).on(LOST, NOW), NOW
    return job_id


async def objects_of(api: ServedApi, job_id: JobId) -> list[str]:
    keys = [stored.key for stored in await api.store.list_page("", 1000)]
    return [key.partition("/")[2] for key in keys if key.startswith(f"{job_id}/")]


class TestStatus:
    async def test_a_waiting_job_has_a_place_in_the_line(self, api: ServedApi) -> None:
        ids = [await submitted(api) for _ in range(3)]
        await anyio.sleep(1.1)  # what was known a second ago is forgotten
        bodies = [(await api.http.get(f"/v1/status/{job_id}")).json() for job_id in ids]
        assert [body["queue_position"] for body in bodies] == [0, 1, 2]
        assert [(body["eta_seconds"], body["stage"], body["attempt"]) for body in bodies] == [(None, None, 0)] * 3

    async def test_a_running_job_says_what_it_does_and_when_to_look_again(self, api: ServedApi) -> None:
        job_id = await submitted(api)
        (claim,) = await api.jobs.claim(room_for("w", 1))
        await api.jobs.save(claim.lease, claim.job.on(STARTED, NOW))
        answer = await api.http.get(f"/v1/status/{job_id}")
        body = answer.json()
        assert (body["stage"], body["attempt"], body["queue_position"]) == ("ANALYZING", 1, None)
        assert int(answer.headers["retry-after"]) == 1
        assert body["expires_at"] is None

    async def test_a_completed_job_describes_its_files_and_says_when_it_goes(self, api: ServedApi) -> None:
        job = await added(api, JobStatus.COMPLETED)
        answer = await api.http.get(f"/v1/status/{job.id}")
        body = answer.json()
        details = {detail["name"]: detail for detail in body["artifacts_detail"]}
        assert set(details) == {"final", "original", *body["artifacts"]}
        final = details["final"]
        assert job.final
        assert (final["bytes"], final["content_type"], final["seconds"]) == (job.final.size, job.final.mime_type, None)
        assert final["url"] == body["final_audio_url"]
        left = datetime.fromisoformat(final["url_expires_at"]) - datetime.now().astimezone()
        assert timedelta(minutes=29) < left <= timedelta(hours=1)
        finished = api.jobs.rows[job.id].finished_at
        assert finished
        assert datetime.fromisoformat(body["expires_at"]) == finished + timedelta(days=30)
        assert (body["stage"], body["eta_seconds"], "retry-after" in answer.headers) == (None, None, False)

    async def test_where_moments_are_kept_for_ever_none_expires(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        async with serving_api(tmp_path_factory.mktemp("kept"), RETENTION_DAYS="0") as api:
            job = await added(api, JobStatus.COMPLETED)
            assert (await api.http.get(f"/v1/status/{job.id}")).json()["expires_at"] is None

    async def test_a_failed_job_says_where_it_failed_and_whether_a_retry_may_help(self, api: ServedApi) -> None:
        error = (await api.http.get(f"/v1/jobs/{await failed(api)}")).json()["error"]
        assert (error["code"], error["stage"]) == ("child_lost", "ANALYZING")
        assert (error["retryable"], error["permanent"]) == (True, False)
        refused = await added(api, JobStatus.FAILED)
        error = (await api.http.get(f"/v1/jobs/{refused.id}")).json()["error"]
        assert (error["retryable"], error["permanent"], error["stage"]) == (False, True, None)

    async def test_a_job_is_its_status(self, api: ServedApi) -> None:
        job = await added(api, JobStatus.COMPLETED)
        status, alias = [await api.http.get(f"/v1/{route}/{job.id}") for route in ("status", "jobs")]
        assert (alias.json(), alias.headers["etag"]) == (status.json(), status.headers["etag"])
        assert_problem(await api.http.get(f"/v1/jobs/{uuid4()}"), 404, "job_not_found")

    async def test_the_example_of_the_documentation_is_a_status(self, api: ServedApi) -> None:
        msgspec.convert(EXAMPLE, MomentStatus)
        fields = set((await api.http.get(f"/v1/status/{await submitted(api)}")).json())
        assert set(EXAMPLE) == fields


class TestWait:
    async def test_answers_when_the_job_changes(self, api: ServedApi) -> None:
        job_id = await submitted(api)
        answers: list[httpx.Response] = []

        async def wait() -> None:
            answers.append(await api.http.get(f"/v1/status/{job_id}", headers={"Prefer": "wait=20"}))

        began = time.monotonic()
        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await anyio.sleep(0.5)
            assert answers == []
            await api.jobs.cancel(job_id)
        (answer,) = answers
        assert (answer.json()["status"], answer.headers["preference-applied"]) == ("CANCELLED", "wait=20")
        assert time.monotonic() - began < 5

    async def test_answers_with_what_there_is_after_the_time(self, api: ServedApi) -> None:
        job_id = await submitted(api)
        began = time.monotonic()
        answer = await api.http.get(f"/v1/jobs/{job_id}", headers={"Prefer": "wait=1"})
        assert (answer.json()["status"], answer.headers["preference-applied"]) == ("PENDING", "wait=1")
        assert 0.9 < time.monotonic() - began < 5

    async def test_does_not_wait_for_what_is_final_or_unknown_to_the_client(self, api: ServedApi) -> None:
        waiting, done = await submitted(api), await added(api, JobStatus.COMPLETED)
        began = time.monotonic()
        final = await api.http.get(f"/v1/jobs/{done.id}", headers={"Prefer": "wait=20"})
        assert final.json()["terminal"]
        stale = {"Prefer": "wait=20", "If-None-Match": '"of-an-older-status"'}
        assert (await api.http.get(f"/v1/jobs/{waiting}", headers=stale)).status_code == 200
        assert_problem(await api.http.get(f"/v1/jobs/{uuid4()}", headers=stale), 404, "job_not_found")
        assert time.monotonic() - began < 5

    async def test_without_the_wish_nothing_is_applied(self, api: ServedApi) -> None:
        assert "preference-applied" not in (await api.http.get(f"/v1/jobs/{await submitted(api)}")).headers

    async def test_where_too_many_wait_the_others_are_answered_at_once(
        self, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        async with serving_api(tmp_path_factory.mktemp("full")) as api:
            api.container.job_watch.override(JobWatch(api.jobs, most_waiters=0))
            job_id = await submitted(api)
            began = time.monotonic()
            answer = await api.http.get(f"/v1/jobs/{job_id}", headers={"Prefer": "wait=20"})
        assert (answer.status_code, "preference-applied" in answer.headers) == (200, False)
        assert time.monotonic() - began < 5


class TestRetry:
    async def test_a_failed_job_waits_again_under_its_own_id(self, api: ServedApi) -> None:
        job_id = await failed(api)
        answer = await api.http.post(f"/v1/jobs/{job_id}/retry")
        assert (answer.status_code, answer.json()) == (202, {"job_id": str(job_id), "status": "PENDING"})
        body = (await api.http.get(answer.headers["location"])).json()
        assert (body["status"], body["error"], body["terminal"]) == ("PENDING", None, False)
        again = await api.http.post(f"/v1/jobs/{job_id}/retry")
        assert_problem(again, 409, "not_retriable")
        assert (again.json()["retryable"], "retry-after" in again.headers) == (False, False)

    @pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.CANCELLED, JobStatus.MIXING])
    async def test_others_stay_as_they_are(self, api: ServedApi, status: JobStatus) -> None:
        job = await added(api, status)
        await api.store.put(job.request.original.key, in_pieces(WAV), "audio/wav")
        assert_problem(await api.http.post(f"/v1/jobs/{job.id}/retry"), 409, "not_retriable")
        assert api.jobs.rows[job.id].job == job

    async def test_without_its_recording_a_job_stays_as_it_is(self, api: ServedApi) -> None:
        job_id = await failed(api)
        await api.store.delete(f"{job_id}/")
        assert_problem(await api.http.post(f"/v1/jobs/{job_id}/retry"), 409, "not_retriable")
        assert_problem(await api.http.post(f"/v1/jobs/{uuid4()}/retry"), 404, "job_not_found")


class TestDelete:
    @pytest.mark.parametrize("ended", [True, False])
    async def test_nothing_is_left_of_a_job(self, api: ServedApi, ended: bool) -> None:
        job_id, other = await (failed(api) if ended else submitted(api)), await submitted(api)
        answer = await api.http.delete(f"/v1/jobs/{job_id}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert (list(api.jobs.rows), await objects_of(api, job_id)) == ([other], [])
        assert await objects_of(api, other) == ["original"]
        await assert_gone(api, job_id)

    async def test_a_running_job_is_stopped_first_and_its_row_goes_with_what_arrives_late(self, api: ServedApi) -> None:
        job_id = await submitted(api)
        (claim,) = await api.jobs.claim(room_for("w", 1))

        async def worker() -> None:
            while not (await api.jobs.heartbeat([claim.lease], {}))[0].cancel_requested:
                await anyio.sleep(0.05)
            await api.jobs.save(claim.lease, claim.job.on(CANCELLED, NOW))

        async with anyio.create_task_group() as group:
            group.start_soon(worker)
            answer = await api.http.delete(f"/v1/jobs/{job_id}")
        assert answer.status_code == 204
        await assert_gone(api, job_id)
        assert await objects_of(api, job_id) == []
        assert await api.container.retention_store().expire(timedelta(days=1), 10) == [job_id]

    async def test_a_worker_that_hangs_is_told_and_the_client_may_ask_again(
        self, api: ServedApi, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("application.moments.delete_job.STOP_SECONDS", 0.3)
        job_id = await submitted(api)
        (claim,) = await api.jobs.claim(room_for("w", 1))
        answer = await api.http.delete(f"/v1/jobs/{job_id}")
        assert_problem(answer, 409, "job_stopping")
        assert int(answer.headers["retry-after"]) > 0
        assert (await api.jobs.heartbeat([claim.lease], {}))[0].cancel_requested
        assert (await api.http.get(f"/v1/jobs/{job_id}")).status_code == 200

    async def test_while_the_store_is_away_the_objects_are_left_to_housekeeping(self, api: ServedApi) -> None:
        job_id = await failed(api)
        away = InMemoryStore()
        away.faults.fail("delete", StorageUnavailable("away"), times=ALWAYS)
        with api.container.store.override(away):
            assert (await api.http.delete(f"/v1/jobs/{job_id}")).status_code == 204
        await assert_gone(api, job_id)
        assert await objects_of(api, job_id) == ["original"]
        assert await api.container.retention_store().expire(timedelta(days=1), 10) == [job_id]

    async def test_unknown_jobs_are_404(self, api: ServedApi) -> None:
        for job_id in ("nope", uuid4()):
            assert_problem(await api.http.delete(f"/v1/jobs/{job_id}"), 404, "job_not_found")


class TestAudio:
    async def test_leads_to_the_file_by_a_url_of_now(self, api: ServedApi) -> None:
        job_id = await submitted(api)
        answer = await api.http.get(f"/v1/jobs/{job_id}/audio", params={"artifact": "original"})
        assert (answer.status_code, answer.headers["cache-control"]) == (302, "no-store")
        assert (await api.http.get(answer.headers["location"])).content == WAV

    async def test_leads_to_the_music_unless_another_file_is_named(self, api: ServedApi) -> None:
        job = await added(api, JobStatus.COMPLETED)
        body = (await api.http.get(f"/v1/jobs/{job.id}")).json()
        for name, url in {"": body["final_audio_url"], **body["artifacts"]}.items():
            answer = await api.http.get(f"/v1/jobs/{job.id}/audio", params={"artifact": name} if name else {})
            assert (answer.status_code, answer.headers["location"]) == (302, url)

    async def test_saves_under_a_name_with_the_suffix_of_what_it_is(self, api: ServedApi) -> None:
        job_id, job = await submitted(api), await added(api, JobStatus.COMPLETED)
        for owner, artifact, suffix in [(job.id, "final", "mp3"), (job_id, "original", "wav")]:
            given = {"artifact": artifact, "download": "Für Zoë/../theme.exe"}
            answer = await api.http.get(f"/v1/jobs/{owner}/audio", params=given)
            names = httpx.URL(answer.headers["location"]).params["name"]
            assert (answer.status_code, names) == (302, f"Für Zoë/../theme.exe.{suffix}")
        answer = await api.http.get(answer.headers["location"])
        assert answer.headers["content-disposition"] == 'attachment; filename="theme.exe.wav"'
        answer = await api.http.get(f"/v1/jobs/{job_id}/audio", params={"artifact": "original", "download": "a" * 121})
        assert_problem(answer, 400, "bad_request")

    async def test_tells_the_url_itself_to_pages(self, api: ServedApi) -> None:
        job_id = await submitted(api)
        given = {"artifact": "original", "redirect": "false"}
        answer = await api.http.get(f"/v1/jobs/{job_id}/audio", params=given)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert (await api.http.get(answer.json()["url"])).content == WAV
        assert datetime.fromisoformat(answer.json()["url_expires_at"]) > datetime.now(UTC)
        answer = await api.http.get(f"/v1/jobs/{job_id}/audio", params=given | {"artifact": "final"})
        assert_problem(answer, 409, "artifact_not_ready")

    async def test_says_what_is_to_come_and_what_never_will(self, api: ServedApi) -> None:
        running, done = await added(api, JobStatus.ANALYZING), await added(api, JobStatus.COMPLETED)
        for job, name, status, code in [
            (running, "final", 409, "artifact_not_ready"),
            (running, "vocals", 409, "artifact_not_ready"),
            (running, "part_lead", 404, "artifact_not_found"),  # nobody asked for it
            (running, "picture_melody", 404, "artifact_not_found"),
            (running, "video", 404, "artifact_not_found"),
            (done, "picture_melody", 404, "artifact_not_found"),
            (await added(api, JobStatus.CANCELLED), "original", 404, "artifact_not_found"),
            (await added(api, JobStatus.FAILED), "final", 404, "artifact_not_found"),
        ]:
            answer = await api.http.get(f"/v1/jobs/{job.id}/audio", params={"artifact": name})
            assert_problem(answer, status, code)
            assert ("retry-after" in answer.headers) is answer.json()["retryable"] is (status == 409)
        assert_problem(await api.http.get(f"/v1/jobs/{uuid4()}/audio"), 404, "job_not_found")


class TestHead:
    @pytest.mark.parametrize(
        "path",
        [
            "/v1/status/{}",
            "/v1/jobs/{}",
            "/v1/jobs/{}/audio",
            "/v1/styles",
            "/v1/blueprints/schema",
            "/healthz",
            "/readyz",
            "/",
            "/docs",
            "/openapi.json",
            "/v2/nothing",
        ],
    )
    async def test_has_the_headers_of_get_and_no_body(self, api: ServedApi, path: str) -> None:
        job = await added(api, JobStatus.COMPLETED)
        got, head = await api.http.get(path.format(job.id)), await api.http.head(path.format(job.id))
        assert (head.status_code, head.content) == (got.status_code, b"")
        for name in ("content-type", "content-length", "etag", "location"):
            assert head.headers.get(name) == got.headers.get(name)


async def test_the_description_names_headers_and_examples(api: ServedApi) -> None:
    paths = (await api.http.get("/openapi.json")).json()["paths"]
    read = paths["/v1/jobs/{job_id}"]["get"]
    assert {"Prefer", "If-None-Match"} <= {parameter["name"] for parameter in read["parameters"]}
    assert {"Retry-After", "ETag", "Preference-Applied"} <= set(read["responses"]["200"]["headers"])
    assert read["responses"]["200"]["content"]["application/json"]["examples"]
    assert "204" in paths["/v1/jobs/{job_id}"]["delete"]["responses"]
    audio = paths["/v1/jobs/{job_id}/audio"]["get"]["parameters"]
    (artifact,) = [given for given in audio if given["name"] == "artifact"]
    assert "vocals" in artifact["description"]


async def assert_gone(api: ServedApi, job_id: JobId) -> None:
    for method, path in [("GET", ""), ("GET", "/audio"), ("POST", "/cancel"), ("POST", "/retry"), ("DELETE", "")]:
        assert_problem(await api.http.request(method, f"/v1/jobs/{job_id}{path}"), 404, "job_not_found")
