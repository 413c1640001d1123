"""The HTTP API as its users see it, under the server that production uses."""

import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID, uuid4

import anyio
import httpx
import jsonschema
import msgspec
import pytest
from structlog.testing import capture_logs

from application.ports.jobs import DatabaseUnavailable
from application.version import VERSION
from domain.blueprints.metadata import to_json
from domain.error_codes import CODES
from domain.errors import JobError
from domain.jobs.artifacts import Stem
from domain.jobs.attempts import Attempt
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import Analyzed, JobStatus
from domain.music.styles.registry import STYLES
from tests.support.api import MAX_UPLOAD_BYTES, ORIGIN, WAV, ServedApi, resident_bytes, serving_api
from tests.support.fake_faults import ALWAYS
from tests.support.fake_queue import InMemoryJobs
from tests.support.fake_tools import ANALYSIS
from tests.support.full_disk import full_disk
from tests.support.jobs import INSTRUMENTAL, NOW, STARTED, VOCALS, a_blueprint, a_job, a_job_that_is

pytestmark = pytest.mark.anyio

ORIGINAL_FIELDS = ["id", "status", "original_audio_url", "blueprint_json", "final_audio_url"]
MEGABYTE = bytes(1 << 20)
MEGABYTES_OF_ROOM = 2 << 20
DEPRECATED = ("@1796083200", "Wed, 01 Dec 2027 00:00:00 GMT")


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path_factory.mktemp("objects")) as served:
        yield served


@pytest.fixture
async def api(served: ServedApi) -> ServedApi:
    for job_id in served.jobs.rows:
        await served.store.delete(f"{job_id}/")
    served.jobs.rows.clear()
    await served.store.delete("job/")
    return served


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), body
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["type"] == f"/docs/errors#{code}"
    assert body["instance"] == quote(answer.url.path)
    assert body["request_id"] == answer.headers["x-request-id"] != ""
    assert body["retryable"] is not CODES[body["code"]].permanent
    assert isinstance(body["errors"], list)
    return body


class TestCreate:
    async def test_stores_the_hum_and_a_waiting_job(self, api: ServedApi) -> None:
        answer = await api.submit(blueprint_json='{"style": "lofi"}', output_kind="song")
        assert answer.status_code == 202
        job_id = JobId(UUID(answer.json()["job_id"]))
        understood: dict[str, object] = {"style": "lofi", "rhythm": None, "moods": []}
        assert answer.json() == {
            "job_id": str(job_id),
            "status": "PENDING",
            "style_resolved": understood,
            "warnings": [],
        }
        assert answer.headers["location"] == f"/v1/status/{job_id}"
        request = api.jobs.rows[job_id].job.request
        assert (request.filename, request.output_kind, request.blueprint) == ("hum.wav", "song", {"style": "lofi"})
        assert await api.store.stat(request.original.key) == request.original
        assert request.original.size == len(WAV)

    async def test_keeps_what_is_wanted_besides_the_usual(self, api: ServedApi) -> None:
        answer = await api.submit(artifacts="parts")
        request = api.jobs.rows[JobId(UUID(answer.json()["job_id"]))].job.request
        assert (request.artifacts, answer.json()["warnings"]) == (("parts",), [])

    async def test_names_the_artifacts_that_it_knows(self, api: ServedApi) -> None:
        problem = assert_problem(await api.submit(artifacts="parts, video"), 400, "unknown_artifact")
        (error,) = problem["errors"]
        assert error["pointer"] == "/artifacts"
        assert all(name in error["message"] for name in ("parts", "parts_opus", "video"))
        assert_nothing_kept(api)

    async def test_takes_a_file_part_without_a_file_name(self, api: ServedApi) -> None:
        body = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + WAV + b"\r\n--b--\r\n"
        answer = await api.http.post(
            "/v1/create-moment", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"}
        )
        assert answer.status_code == 202

    async def test_warns_of_what_has_no_effect_in_the_response_and_in_the_status(self, api: ServedApi) -> None:
        fields = {"blueprint_json": '{"style": "gamelan ska"}', "output_kind": " Song", "a/b": "1"}
        answer = await api.submit(WAV, **fields)
        warnings = answer.json()["warnings"]
        assert [(warning["code"], warning["pointer"]) for warning in warnings] == [
            ("unknown_field", "/a~1b"),
            ("unknown_style", "/style"),
        ]
        assert all(warning["message"] for warning in warnings)
        status = (await api.http.get(answer.headers["location"])).json()
        assert (status["warnings"], status["output_kind"]) == (warnings, "song")

    async def test_says_what_it_understood_of_the_style(self, api: ServedApi) -> None:
        answer = await api.submit(WAV, blueprint_json='{"style": "Dark lo-fi with synthwave, Quetzal"}')
        understood = answer.json()["style_resolved"]
        assert understood == {"style": "lofi", "rhythm": "synthwave", "moods": ["dark"]}
        (warning,) = answer.json()["warnings"]
        assert (warning["code"], warning["message"]) == ("unknown_words", "these words are not known: quetzal")
        assert (await api.http.get(answer.headers["location"])).json()["style_resolved"] == understood

    async def test_warns_of_chords_that_are_none(self, api: ServedApi) -> None:
        answer = await api.submit(WAV, blueprint_json='{"metadata": {"chords": ["Am", "H7", "F"]}}')
        (warning,) = answer.json()["warnings"]
        assert (warning["code"], warning["pointer"]) == ("unknown_chords", "/metadata/chords")
        assert "H7" in warning["message"]

    @pytest.mark.parametrize("field", [{"webhook_events": "moment.failed"}, {"webhook_payload": "thin"}])
    async def test_warns_of_what_no_webhook_tells(self, api: ServedApi, field: dict[str, str]) -> None:
        (warning,) = (await api.submit(WAV, **field)).json()["warnings"]
        assert (warning["code"], warning["pointer"]) == ("webhook_missing", f"/{next(iter(field))}")

    async def test_names_sixteen_of_many_unknown_fields(self, api: ServedApi) -> None:
        answer = await api.submit(WAV, **{f"{number:03}" * 100: "" for number in range(40)})
        warnings = answer.json()["warnings"]
        assert (len(warnings), max(len(warning["pointer"]) for warning in warnings)) == (16, 65)

    async def test_takes_what_the_service_before_this_one_took(self, api: ServedApi) -> None:
        plan = {"tempo_bpm": 120.0, "key": None, "voice": {"voice_id": "v", "stability": None}, "metadata": None}
        answer = await api.submit(blueprint_json="\ufeff" + json.dumps(plan))
        request = api.jobs.rows[JobId(UUID(answer.json()["job_id"]))].job.request
        assert request.blueprint == {"tempo_bpm": 120, "voice": {"voice_id": "v"}}

    async def test_a_file_larger_than_memory_wants_arrives_whole(self, api: ServedApi) -> None:
        content = WAV + bytes(MAX_UPLOAD_BYTES - len(WAV))
        answer = await api.submit(content)
        original = api.jobs.rows[JobId(UUID(answer.json()["job_id"]))].job.request.original
        assert original.size == MAX_UPLOAD_BYTES

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"output_kind": "symphony"}, "invalid_output_kind"),
            ({"blueprint_json": "{"}, "invalid_blueprint"),
            ({"blueprint_json": "[]"}, "invalid_blueprint"),
            ({"blueprint_json": '{"metadata": {"a": ' + "[" * 985 + "]" * 985 + "}}"}, "invalid_blueprint"),
            ({"blueprint_json": '{"metadata": {"a": ' + "[" * 10_000 + "]" * 10_000 + "}}"}, "invalid_blueprint"),
        ],
    )
    async def test_refuses_fields_that_mean_nothing(self, api: ServedApi, fields: dict[str, str], code: str) -> None:
        assert assert_problem(await api.submit(WAV, **fields), 400, code)["errors"]
        assert_nothing_kept(api)

    async def test_refuses_a_field_that_is_sent_twice(self, api: ServedApi) -> None:
        kinds = {"output_kind": ["song", "preview"]}
        answer = await api.http.post("/v1/create-moment", files={"file": ("hum.wav", WAV)}, data=kinds)
        assert_problem(answer, 400, "form_invalid")

    async def test_points_at_everything_wrong_in_a_blueprint(self, api: ServedApi) -> None:
        plan = {"tempo_bpm": 7, "sections": [{"name": "verse", "bars": 0}], "mood": "sad"}
        problem = assert_problem(await api.submit(blueprint_json=json.dumps(plan)), 400, "invalid_blueprint")
        assert {error["pointer"] for error in problem["errors"]} == {"/tempo_bpm", "/sections/0/bars", "/mood"}
        assert all(error["message"] for error in problem["errors"])
        assert_nothing_kept(api)

    @pytest.mark.parametrize(
        ("content", "status", "code"), [(b"", 400, "empty_upload"), (b"hello, I am text", 415, "not_audio")]
    )
    async def test_content_decides(self, api: ServedApi, content: bytes, status: int, code: str) -> None:
        assert_problem(await api.submit(content), status, code)
        assert_nothing_kept(api)

    async def test_refuses_a_form_without_file(self, api: ServedApi) -> None:
        answer = await api.http.post("/v1/create-moment", files={"song": ("hum.wav", WAV)})
        assert_problem(answer, 400, "file_missing")

    @pytest.mark.parametrize(
        ("content_type", "body"),
        [
            ("application/json", b"[]"),
            ("multipart/form-data", b"--b--"),
            ("multipart/form-data; boundary=b", b"no boundary here"),
            ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nRIFF'),
        ],
    )
    async def test_refuses_what_is_no_form(self, api: ServedApi, content_type: str, body: bytes) -> None:
        answer = await api.http.post("/v1/create-moment", content=body, headers={"Content-Type": content_type})
        assert_problem(answer, 400, "form_invalid")

    async def test_refuses_text_that_is_not_utf_8(self, api: ServedApi) -> None:
        answer = await api.http.post(
            "/v1/create-moment", files={"file": ("hum.wav", WAV), "blueprint_json": (None, b"\xff\xfe")}
        )
        assert_problem(answer, 400, "form_invalid")

    @pytest.mark.parametrize(
        ("part", "code"),
        [("file", "upload_too_large"), ("blueprint_json", "field_too_large"), ("other", "upload_too_large")],
    )
    async def test_300_mb_are_refused_in_constant_memory(self, api: ServedApi, part: str, code: str) -> None:
        before = resident_bytes()
        answer = await api.http.post(
            "/v1/create-moment",
            content=endless_form(part, megabytes=300),
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
        assert_problem(answer, 413, code)
        assert resident_bytes() - before < 24 << 20
        assert_nothing_kept(api)

    async def test_an_announced_length_beyond_the_limit_is_refused_at_once(self, api: ServedApi) -> None:
        headers = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(300 << 20)}
        answer = await api.http.post("/v1/create-moment", content=megabytes(300), headers=headers)
        assert_problem(answer, 413, "upload_too_large")

    async def test_says_when_to_come_back_while_the_database_is_down(self, api: ServedApi) -> None:
        with api.container.jobs.override(jobs_that_fail(DATABASE_DOWN)):
            answer = await api.submit()
        assert_problem(answer, 503, "database_unavailable")
        assert int(answer.headers["retry-after"]) > 0

    @pytest.mark.parametrize("room", [MEGABYTES_OF_ROOM, 0])
    async def test_says_when_to_come_back_while_the_disk_for_uploads_is_full(self, api: ServedApi, room: int) -> None:
        content, before = WAV + bytes(MAX_UPLOAD_BYTES - len(WAV)), await api.store.list_page("", 1000)
        with full_disk(room):
            answer = await api.submit(content)
        assert_problem(answer, 503, "storage_unavailable")
        assert int(answer.headers["retry-after"]) > 0
        assert (api.jobs.rows, await api.store.list_page("", 1000)) == ({}, before)
        assert (await api.submit(content)).status_code == 202

    async def test_tells_nobody_what_broke_inside(self, api: ServedApi) -> None:
        with api.container.jobs.override(jobs_that_fail(RuntimeError("secret"))):
            answer = await api.submit()
        assert_problem(answer, 500, "internal_error")
        assert "secret" not in answer.text


class TestStatus:
    async def test_has_the_original_five_fields_and_more(self, api: ServedApi) -> None:
        job_id = (await api.submit()).json()["job_id"]
        answer = await api.http.get(f"/v1/status/{job_id}")
        body = answer.json()
        assert list(body)[:5] == ORIGINAL_FIELDS
        assert (body["id"], body["status"]) == (job_id, "PENDING")
        assert (body["blueprint_json"], body["final_audio_url"]) == (None, None)
        assert (body["terminal"], body["progress"], body["error"]) == (False, 0.0, None)
        assert (await api.http.get(body["original_audio_url"])).content == WAV

    async def test_a_completed_job_links_its_music(self, api: ServedApi) -> None:
        job = a_job_that_is(JobStatus.COMPLETED)
        await api.jobs.add(job)
        body = (await api.http.get(f"/v1/status/{job.id}")).json()
        assert (body["status"], body["terminal"], body["progress"]) == ("COMPLETED", True, 1.0)
        assert body["final_audio_url"]
        assert set(body["artifacts"]) >= {"vocals", "instrumental"}
        assert body["blueprint_json"]["tempo_bpm"] == 96

    async def test_what_is_known_is_shown_as_soon_as_each_stage_has_ended(self, api: ServedApi) -> None:
        heard = Analyzed(a_blueprint(metadata={"analysis": to_json(ANALYSIS)}))
        row = await self.shown(api, job := a_job(JobId(uuid4())).on(STARTED, NOW).on(heard, NOW))
        analysis = row["blueprint_json"]["metadata"]["analysis"]
        assert [note["pitch"] for note in analysis["notes"]] == [60.0, 62.0, 64.0, 65.0, 67.0, 64.0, 60.0]
        assert (row["status"], row["chords"], row["artifacts"]) == ("RENDERING", [], {})
        row = await self.shown(api, job := job.on(VOCALS, NOW))
        assert (set(row["artifacts"]), row["chords"]) == ({"vocals"}, [])
        row = await self.shown(api, job.on(INSTRUMENTAL, NOW))
        assert (set(row["artifacts"]), row["chords"]) == ({"vocals", "instrumental"}, ["Am", "F", "C", "G"])

    async def shown(self, api: ServedApi, job: Job) -> dict[str, Any]:
        """Return the status of a job as it is now."""
        if job.id in api.jobs.rows:
            api.jobs.rows[job.id].job = job
        else:
            await api.jobs.add(job)
        found: dict[str, Any] = (await api.http.get(f"/v1/jobs/{job.id}")).json()
        return found

    async def test_a_failed_job_says_why(self, api: ServedApi) -> None:
        job = a_job_that_is(JobStatus.FAILED)
        await api.jobs.add(job)
        error = (await api.http.get(f"/v1/status/{job.id}")).json()["error"]
        assert (error["code"], error["message"]) == ("hum_silent", "the recording is silent")

    async def test_metadata_has_what_front_ends_of_the_celery_version_read(self, api: ServedApi) -> None:
        stale = a_blueprint(metadata={"stems": {"vocals": "https://old.example"}, "error_message": "old", "mine": 1})
        done = msgspec.structs.replace(a_job_that_is(JobStatus.COMPLETED, JobId(uuid4())), blueprint=stale)
        error = JobError(code="hum_silent", message="the recording is silent")
        failed = msgspec.structs.replace(a_job_that_is(JobStatus.FAILED, JobId(uuid4())), blueprint=stale, error=error)
        running = msgspec.structs.replace(a_job_that_is(JobStatus.ANALYZING, JobId(uuid4())), blueprint=stale)
        for job in (done, failed, running):
            await api.jobs.add(job)
        bodies = [(await api.http.get(f"/v1/status/{job.id}")).json() for job in (done, failed, running)]
        metadata = [body["blueprint_json"]["metadata"] for body in bodies]
        stems = {name: url for name, url in bodies[0]["artifacts"].items() if name in set(Stem)}
        assert set(stems) == {"vocals", "instrumental"}
        assert metadata[0] == {"mine": 1, "stems": stems}
        assert metadata[1] == {"mine": 1, "error_message": error.message}
        assert metadata[2] == {"mine": 1}
        for body in bodies:
            jsonschema.validate(body["blueprint_json"], (await api.http.get("/v1/blueprints/schema")).json())

    async def test_a_status_does_not_say_where_our_parts_run(self, api: ServedApi) -> None:
        message = "http://minio.internal:9000/moments/x: the server returned 403"
        attempt = Attempt(at=NOW, worker="w", code="transfer_failed", message=message)
        error = JobError(code="voice_not_found", message=f"no voice left ({message})")
        failed = a_job_that_is(JobStatus.FAILED, JobId(uuid4()))  # statuses of one id are cached
        job = msgspec.structs.replace(failed, error=error, attempts=(attempt,))
        await api.jobs.add(job)
        answer = await api.http.get(f"/v1/status/{job.id}")
        assert "minio" not in answer.text
        assert answer.json()["error"]["message"].startswith("no voice left")
        assert answer.json()["attempts"][0]["message"] == CODES["transfer_failed"].meaning

    async def test_answers_304_until_something_changes(self, api: ServedApi) -> None:
        job_id = (await api.submit()).json()["job_id"]
        url = f"/v1/status/{job_id}"
        etag = (await api.http.get(url)).headers["etag"]
        unchanged = await api.http.get(url, headers={"If-None-Match": f'"other", W/{etag}'})
        assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", etag)
        api.jobs.rows[JobId(UUID(job_id))].progress = 0.5
        changed = await api.http.get(url, headers={"If-None-Match": etag})
        assert (changed.status_code, changed.json()["progress"]) == (200, 0.5)
        assert changed.headers["etag"] != etag

    @pytest.mark.parametrize("job_id", ["7c9e6679-7425-40de-944b-e07fc1f90ae7", "42", "not-a-uuid", "%00"])
    async def test_unknown_jobs_are_404(self, api: ServedApi, job_id: str) -> None:
        assert_problem(await api.http.get(f"/v1/status/{job_id}"), 404, "job_not_found")


class TestCancel:
    async def test_stops_a_waiting_job_and_asking_again_is_harmless(self, api: ServedApi) -> None:
        job_id = (await api.submit()).json()["job_id"]
        for _ in range(2):
            answer = await api.http.post(f"/v1/jobs/{job_id}/cancel")
            assert (answer.status_code, answer.json()) == (200, {"job_id": job_id, "status": "CANCELLED"})
        assert (await api.http.get(f"/v1/status/{job_id}")).json()["status"] == "CANCELLED"

    async def test_leaves_what_has_ended_as_it_ended(self, api: ServedApi) -> None:
        job = a_job_that_is(JobStatus.COMPLETED)
        await api.jobs.add(job)
        assert (await api.http.post(f"/v1/jobs/{job.id}/cancel")).json()["status"] == "COMPLETED"

    async def test_unknown_jobs_are_404(self, api: ServedApi) -> None:
        assert_problem(await api.http.post("/v1/jobs/nope/cancel"), 404, "job_not_found")
        assert_problem(await api.http.post(f"/v1/jobs/{uuid4()}/cancel"), 404, "job_not_found")


class TestValidate:
    async def test_says_what_is_wrong_and_repairs_it(self, api: ServedApi) -> None:
        plan = {"style": "lofi", "tempo_bpm": 7, "key": "a minor", "mood": "sad"}
        answer = await api.http.post("/v1/blueprints/validate", json=plan)
        review = answer.json()
        assert (answer.status_code, review["valid"]) == (200, False)
        assert {error["pointer"] for error in review["errors"]} == {"/tempo_bpm", "/key", "/mood"}
        assert {change["pointer"] for change in review["changes"]} == {"/tempo_bpm", "/key", "/mood"}
        assert review["repaired"] == {"style": "lofi", "tempo_bpm": 40, "key": "Am"}
        assert "/sections" in review["missing"]
        refused = assert_problem(await api.submit(blueprint_json=json.dumps(plan)), 400, "invalid_blueprint")
        assert refused["errors"] == review["errors"]
        again = (await api.http.post("/v1/blueprints/validate", json=review["repaired"])).json()
        assert (again["valid"], again["errors"], again["changes"]) == (True, [], [])
        assert (await api.submit(blueprint_json=json.dumps(review["repaired"]))).status_code == 202

    async def test_what_is_no_blueprint_is_no_failure(self, api: ServedApi) -> None:
        for body in (b"{", b"[]", b"\xff"):
            review = (await api.http.post("/v1/blueprints/validate", content=body)).json()
            assert (review["valid"], review["repaired"]) == (False, None)
            assert [error["pointer"] for error in review["errors"]] == [""]

    async def test_a_text_longer_than_a_form_may_have_is_refused(self, api: ServedApi) -> None:
        answer = await api.http.post("/v1/blueprints/validate", content=b" " * (1 << 20))
        assert_problem(answer, 413, "upload_too_large")


class TestObjects:
    @pytest.fixture
    async def url(self, api: ServedApi) -> str:
        job_id = (await api.submit(WAV)).json()["job_id"]
        url: str = (await api.http.get(f"/v1/status/{job_id}")).json()["original_audio_url"]
        return url

    async def test_gives_the_whole_object(self, api: ServedApi, url: str) -> None:
        answer = await api.http.get(url)
        assert (answer.status_code, answer.content) == (200, WAV)
        assert answer.headers["content-length"] == str(len(WAV))
        assert answer.headers["content-type"].startswith("audio/")
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["x-content-type-options"] == "nosniff"

    @pytest.mark.parametrize(
        ("wanted", "part", "content_range"),
        [
            ("bytes=0-3", WAV[:4], f"bytes 0-3/{len(WAV)}"),
            ("bytes=2000-", WAV[2000:], f"bytes 2000-{len(WAV) - 1}/{len(WAV)}"),
            ("bytes=-5", WAV[-5:], f"bytes {len(WAV) - 5}-{len(WAV) - 1}/{len(WAV)}"),
        ],
    )
    async def test_gives_parts(self, api: ServedApi, url: str, wanted: str, part: bytes, content_range: str) -> None:
        answer = await api.http.get(url, headers={"Range": wanted})
        assert (answer.status_code, answer.content) == (206, part)
        assert answer.headers["content-range"] == content_range
        assert answer.headers["content-length"] == str(len(part))

    async def test_refuses_parts_beyond_the_end(self, api: ServedApi, url: str) -> None:
        answer = await api.http.get(url, headers={"Range": "bytes=99999-"})
        assert_problem(answer, 416, "range_not_satisfiable")
        assert answer.headers["content-range"] == f"bytes */{len(WAV)}"

    async def test_gives_a_part_only_of_what_the_player_knows(self, api: ServedApi, url: str) -> None:
        etag = (await api.http.get(url)).headers["etag"]
        same = await api.http.get(url, headers={"Range": "bytes=0-3", "If-Range": etag})
        other = await api.http.get(url, headers={"Range": "bytes=0-3", "If-Range": '"other"'})
        assert (same.status_code, other.status_code) == (206, 200)

    async def test_answers_304_to_who_has_it(self, api: ServedApi, url: str) -> None:
        etag = (await api.http.get(url)).headers["etag"]
        assert (await api.http.get(url, headers={"If-None-Match": etag})).status_code == 304

    async def test_head_says_what_get_would(self, api: ServedApi, url: str) -> None:
        got, head = await api.http.get(url), await api.http.head(url)
        assert head.status_code == 200
        assert head.content == b""
        for name in ("content-length", "content-type", "etag", "accept-ranges"):
            assert head.headers[name] == got.headers[name]

    async def test_downloads_have_the_name_that_was_signed(self, api: ServedApi, url: str) -> None:
        key = url.partition("/v1/objects/")[2].partition("?")[0]
        answer = await api.http.get(await api.store.sign_get(key, download_name="hum.wav"))
        assert answer.headers["content-disposition"] == 'attachment; filename="hum.wav"'

    async def test_the_proxy_of_the_celery_version_redirects_to_what_we_signed(self, api: ServedApi, url: str) -> None:
        answer = await api.http.get("/v1/proxy-audio", params={"url": url})
        assert (answer.status_code, answer.headers["location"]) == (307, url)
        assert (answer.headers["deprecation"], answer.headers["sunset"]) == DEPRECATED
        assert answer.headers["link"] == '</docs#/jobs/proxyAudio>; rel="deprecation"; type="text/html"'
        told = (await api.http.get("/openapi.json")).json()["paths"]["/v1/proxy-audio"]["get"]
        assert (told["tags"], told["operationId"]) == (["jobs"], "proxyAudio")
        assert "GET /v1/jobs/{job_id}/audio" in told["description"]
        assert (await api.http.get(answer.headers["location"])).content == WAV
        assert (await api.http.head("/v1/proxy-audio", params={"url": url})).status_code == 307

    @pytest.mark.parametrize(
        "change",
        [
            lambda url: url.replace("http://", "https://"),
            lambda url: url.replace("http://", "//"),
            lambda url: url.replace("://", "://evil.example@"),
            lambda url: url.replace("/v1/objects", ".evil.example/v1/objects"),
            lambda url: url.replace("/v1/objects/", "/v1/objects/../status/"),
            lambda url: url.replace("/v1/objects/", "/v1/objects/%2E%2e/status/"),
            lambda url: url.replace("/v1/objects/", "/v1/status/"),
            lambda url: url.replace("/v1/", "\\v1/"),
            lambda url: url.partition("?")[0],
            lambda url: f"{url}\r\nSet-Cookie: a=b",
            lambda url: f"{url}ü",
            lambda _: "http://[::1/v1/objects/a?b",
            lambda _: "https://evil.example/a.mp3?b",
            lambda _: "file:///etc/passwd",
            lambda _: "http://169.254.169.254/latest/meta-data?a",
            lambda _: "",
        ],
    )
    async def test_the_proxy_leads_nowhere_else(self, api: ServedApi, url: str, change: Callable[[str], str]) -> None:
        answer = await api.http.get("/v1/proxy-audio", params={"url": change(url)})
        assert_problem(answer, 403, "url_invalid")
        assert (answer.headers["deprecation"], answer.headers["sunset"]) == DEPRECATED
        assert "location" not in answer.headers

    async def test_the_proxy_needs_a_url(self, api: ServedApi) -> None:
        assert_problem(await api.http.get("/v1/proxy-audio"), 400, "bad_request")

    async def test_urls_that_were_not_signed_are_refused(self, api: ServedApi, url: str) -> None:
        assert_problem(await api.http.get(f"{url}0"), 403, "url_invalid")
        assert_problem(await api.http.get(url.partition("?")[0]), 403, "url_invalid")
        assert_problem(await api.http.put(url, content=b"x"), 403, "url_invalid")

    async def test_takes_what_a_put_url_was_signed_for(self, api: ServedApi) -> None:
        url = await api.store.sign_put("job/1/final.mp3", "audio/mpeg")
        stored = await api.http.put(url, content=b"ID3 music", headers={"Content-Type": "audio/mpeg"})
        assert stored.status_code == 200
        read = await api.http.get(await api.store.sign_get("job/1/final.mp3"))
        assert (read.content, read.headers["etag"]) == (b"ID3 music", stored.headers["etag"])

    async def test_refuses_another_type_or_too_much(self, api: ServedApi) -> None:
        url = await api.store.sign_put("job/1/final.mp3", "audio/mpeg")
        assert_problem(await api.http.put(url, content=b"x", headers={"Content-Type": "text/html"}), 403, "url_invalid")
        headers = {"Content-Type": "audio/mpeg"}
        answer = await api.http.put(url, content=megabytes(300), headers=headers)
        assert answer.status_code == 413
        assert_problem(await api.http.get(await api.store.sign_get("job/1/final.mp3")), 404, "object_not_found")


class TestAround:
    async def test_publishes_the_schema_and_the_styles(self, api: ServedApi) -> None:
        schema = (await api.http.get("/v1/blueprints/schema")).json()
        assert schema["$schema"].endswith("2020-12/schema")
        assert "tempo_bpm" in schema["properties"]
        names = [style["name"] for style in (await api.http.get("/v1/styles")).json()]
        assert names == list(STYLES)

    async def test_documents_every_route(self, api: ServedApi) -> None:
        document = (await api.http.get("/openapi.json")).json()
        assert set(document["paths"]) == {
            "/v1/create-moment",
            "/v1/uploads",
            "/v1/status/{job_id}",
            "/v1/jobs",
            "/v1/jobs/{job_id}",
            "/v1/jobs/{job_id}/audio",
            "/v1/jobs/{job_id}/cancel",
            "/v1/jobs/{job_id}/deliveries",
            "/v1/jobs/{job_id}/deliveries/{delivery_id}/redeliver",
            "/v1/jobs/{job_id}/events",
            "/v1/jobs/{job_id}/remix",
            "/v1/jobs/{job_id}/retry",
            "/v1/jobs/{job_id}/share",
            "/m/{token}",
            "/m/{token}/audio",
            "/m/{token}/picture.png",
            "/v1/blueprints/schema",
            "/v1/blueprints/validate",
            "/v1/styles",
            "/v1/styles/{style}/sample",
            "/v1/proxy-audio",
            "/v1/operations/stats",
            "/v1/operations/jobs",
            "/v1/operations/jobs/{job_id}",
            "/v1/operations/workers",
            "/v1/operations/deliveries",
            "/v1/operations/cancel",
            "/v1/operations/retry",
            "/v1/operations/retry-failed",
            "/v1/operations/delete",
            "/v1/operations/pause",
            "/v1/operations/resume",
            "/v1/usage",
            "/healthz",
            "/readyz",
        }
        form = document["paths"]["/v1/create-moment"]["post"]["requestBody"]["content"]["multipart/form-data"]
        assert form["schema"]["required"] == ["file"]
        assert "problem+json" in json.dumps(document["paths"]["/v1/create-moment"]["post"]["responses"]["413"])
        status = document["paths"]["/v1/status/{job_id}"]["get"]["responses"]["200"]["content"]["application/json"]
        assert "MomentStatus" in json.dumps(status)

    async def test_options_names_every_method(self, api: ServedApi) -> None:
        job_id = (await api.submit()).json()["job_id"]
        for path, methods in {
            f"/v1/jobs/{job_id}": "DELETE, GET, HEAD, OPTIONS",
            "/v1/create-moment": "OPTIONS, POST",
        }.items():
            answer = await api.http.options(path)
            assert (answer.status_code, answer.headers["allow"]) == (204, methods)

    @pytest.mark.parametrize("path", ["/", "/docs", "/docs/errors"])
    async def test_pages_load_nothing_from_elsewhere(self, api: ServedApi, path: str) -> None:
        answer = await api.http.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        text = answer.text.replace('"', "").replace("'", "")
        assert "src=http" not in text
        assert "link rel=stylesheet href=http" not in text
        for url in re.findall("(?:src|href)=(/[^ >]+)", text):
            linked = await api.http.get(url)
            assert linked.status_code == 200, url

    async def test_the_files_of_the_documentation_are_kept_by_browsers(self, api: ServedApi) -> None:
        (url,) = re.findall("script src=([^ >]+)", (await api.http.get("/docs")).text)
        packed = await api.http.get(url, headers={"Accept-Encoding": "gzip"})
        plain = await api.http.get(url, headers={"Accept-Encoding": "identity"})
        assert (packed.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
        assert packed.content == plain.content
        assert int(packed.headers["content-length"]) < 600_000
        assert b"SwaggerUIBundle" in plain.content
        assert "immutable" in plain.headers["cache-control"]
        assert plain.headers["content-type"].startswith("text/javascript")

    @pytest.mark.parametrize("file", ["oauth2-redirect.html", "..%2F__init__.py", "index.css", "swagger-ui.css"])
    async def test_no_other_file_of_the_wheel_is_served(self, api: ServedApi, file: str) -> None:
        assert_problem(await api.http.get(f"/docs/assets/0123456789abcdef/{file}"), 404, "not_found")
        (url,) = re.findall("stylesheet href=([^ >]+)", (await api.http.get("/docs")).text)
        if file not in url:
            answer = await api.http.get(url.replace("swagger-ui.css", file))
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    async def test_the_framework_adds_no_pages_of_its_own(self, api: ServedApi) -> None:
        for path in ("/schema", "/docs/openapi.json", "/docs/swagger", "/schema/redoc"):
            assert_problem(await api.http.get(path), 404, "not_found")

    async def test_the_example_of_the_documentation_leads_to_this_service(self, api: ServedApi) -> None:
        assert f"file=@hum.wav {str(api.http.base_url).rstrip('/')}/v1/" in (await api.http.get("/docs")).text

    async def test_health(self, api: ServedApi) -> None:
        assert (await api.http.get("/healthz")).json() == {"status": "ok", "version": VERSION}
        ready = await api.http.get("/readyz")
        assert (ready.status_code, ready.json()["parts"]) == (200, {"database": "ok", "storage": "ok"})

    async def test_not_ready_without_its_database(self, api: ServedApi) -> None:
        with api.container.jobs.override(jobs_that_fail(DATABASE_DOWN)):
            ready = await api.http.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
        assert ready.json()["parts"] == {"database": "database_unavailable", "storage": "ok"}

    @pytest.mark.parametrize("path", ["/v1/styles", "//v1/styles", "/v1//styles", "///v1/styles//", "/%76%31/styles/"])
    async def test_every_spelling_of_a_route_has_its_limits(self, api: ServedApi, path: str) -> None:
        url = api.http.base_url.copy_with(raw_path=path.encode())
        answer = await api.http.get(url, headers={"X-Forwarded-For": "192.0.2.81"})
        assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"].startswith('"reads"')

    async def test_every_spelling_of_a_deprecated_route_says_so(self, api: ServedApi) -> None:
        answer = await api.http.get(api.http.base_url.copy_with(raw_path=b"//v1/proxy-audio/"))
        assert "Deprecation" in answer.headers

    async def test_routing_errors_are_problems_too(self, api: ServedApi) -> None:
        assert_problem(await api.http.get("/v2/nothing"), 404, "not_found")
        answer = await api.http.delete("/v1/create-moment")
        assert_problem(answer, 405, "method_not_allowed")
        assert "POST" in answer.headers["allow"]
        for path in ("/v1/styles", "/v1/jobs", "/v1/objects/x", "/m/x"):
            refused, asked = await api.http.patch(path), await api.http.options(path)
            assert set(refused.headers["allow"].split(", ")) == set(asked.headers["allow"].split(", "))
        assert_problem(await api.http.get("/v1/proxy-audio"), 400, "bad_request")
        assert_problem(await api.http.get("/v1/objects/%E2%82%AC%20b?X-Signature=s"), 403, "url_invalid")

    async def test_the_type_of_a_problem_leads_to_its_row(self, api: ServedApi) -> None:
        problem = (await api.http.get("/v2/nothing", headers={"X-Request-Id": "abc-123"})).json()
        assert problem["request_id"] == "abc-123"
        url, _, anchor = problem["type"].partition("#")
        page = await api.http.get(url)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert f"<tr id={anchor} role=row>" in page.text
        assert all(page.text.count(f"<tr id={code} role=row>") == 1 for code in CODES)

    async def test_request_ids_are_kept_if_they_are_harmless(self, api: ServedApi) -> None:
        kept = await api.http.get("/healthz", headers={"X-Request-Id": "abc-123"})
        made = await api.http.get("/healthz", headers={"X-Request-Id": "<script>"})
        assert kept.headers["x-request-id"] == "abc-123"
        assert made.headers["x-request-id"] not in {"", "<script>"}

    async def test_browsers_must_not_guess_media_types(self, api: ServedApi) -> None:
        for path in ("/", "/healthz", "/v1/styles", "/v2/nothing"):
            answer = await api.http.get(path)
            assert answer.headers.get_list("x-content-type-options") == ["nosniff"]

    async def test_every_answer_says_what_it_may_not_be_used_for(self, api: ServedApi) -> None:
        job_id = (await api.submit()).json()["job_id"]
        objects = urlsplit((await api.http.get(f"/v1/status/{job_id}")).json()["original_audio_url"])
        paths = ["/", "/ops", "/docs", "/openapi.json", "/v1/styles", "/v2/nothing"]
        paths += [f"/v1/status/{job_id}", "/v1/status/x"]
        answers = [await api.http.get(path) for path in paths]
        answers += [await api.http.get(f"{objects.path}?{objects.query}"), await api.http.get(objects.path)]
        answers += [await api.http.put("/v1/styles"), await api.http.post("/v1/create-moment", content=b"no form")]
        for answer in answers:
            headers = answer.headers
            assert headers.get_list("x-content-type-options") == ["nosniff"], answer.url
            assert headers.get_list("referrer-policy") == ["no-referrer"], answer.url
            (policy,) = headers.get_list("content-security-policy")
            assert policy.startswith("default-src 'none'"), answer.url
            assert policy.endswith("frame-ancestors 'none'"), answer.url
            shared = "cross-origin" if answer.url.path.startswith("/v1/objects/") else "same-origin"
            assert headers.get_list("cross-origin-resource-policy") == [shared], answer.url
            assert "strict-transport-security" not in headers
        assert {answer.status_code for answer in answers} == {200, 400, 403, 404, 405}
        for page in answers[:2]:
            policy = page.headers["content-security-policy"]
            assert "script-src 'self' 'sha256-" in policy
            assert "unsafe" not in policy

    @pytest.mark.parametrize("path", ["/", "/ops"])
    async def test_pages_are_sent_in_gzip_to_who_takes_it(self, api: ServedApi, path: str) -> None:
        small = await api.http.get(path)
        whole = await api.http.get(path, headers={"Accept-Encoding": "identity"})
        assert small.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in whole.headers
        (module,) = set(re.findall(r'script type="module" src="([^"]+)', whole.text))
        assert (await api.http.get(module)).headers["content-type"] == "text/javascript; charset=utf-8"
        assert small.headers["vary"] == whole.headers["vary"] == "Accept-Encoding"
        assert small.text == whole.text
        assert int(small.headers["content-length"]) < int(whole.headers["content-length"]) / 2

    @pytest.mark.parametrize(
        ("accepted", "packed"),
        [
            ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
            ("GZIP", True),
            ("gzip;q=0.001", True),
            ("gzip;q=0", False),
            ("deflate, gzip ; q=0.0, br", False),
            ("x-gzip-to-come", False),
        ],
    )
    async def test_weights_of_encodings_are_heeded(self, api: ServedApi, accepted: str, packed: bool) -> None:
        page = await api.http.get("/", headers={"Accept-Encoding": accepted})
        assert (page.headers.get("content-encoding") == "gzip") is packed

    async def test_behind_tls_browsers_stay_there(self, tmp_path: Path) -> None:
        async with serving_api(tmp_path, PUBLIC_URL="https://moment.example") as api:
            answer = await api.http.get("/v2/nothing")
        assert answer.headers["strict-transport-security"] == "max-age=31536000"

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": "https://b.app.example", "Sec-Fetch-Site": "same-site"},
            {"Origin": f"{ORIGIN}.evil.example"},
        ],
    )
    async def test_pages_of_other_sites_send_no_forms(self, api: ServedApi, headers: dict[str, str]) -> None:
        job_id = (await api.submit()).json()["job_id"]
        before = len(api.jobs.rows)
        refused = await api.http.post("/v1/create-moment", files={"file": ("hum.wav", WAV)}, headers=headers)
        assert_problem(refused, 403, "cross_site_request")
        assert "retry-after" not in refused.headers
        assert_problem(await api.http.post(f"/v1/jobs/{job_id}/cancel", headers=headers), 403, "cross_site_request")
        assert len(api.jobs.rows) == before
        assert (await api.http.get(f"/v1/status/{job_id}", headers=headers)).json()["status"] == "PENDING"

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
            {"Origin": "OWN"},
            {"Origin": "http://public.example"},
            {"Origin": "OWN", "Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
        ],
    )
    async def test_our_page_allowed_origins_and_programs_do(self, tmp_path: Path, headers: dict[str, str]) -> None:
        async with serving_api(tmp_path, PUBLIC_URL="http://public.example") as api:
            own = str(api.http.base_url).rstrip("/")
            sent = {name: own if value == "OWN" else value for name, value in headers.items()}
            answer = await api.http.post("/v1/create-moment", files={"file": ("hum.wav", WAV)}, headers=sent)
        assert answer.status_code == 202

    async def test_other_hosts_are_refused_where_some_are_listed(self, tmp_path: Path) -> None:
        async with serving_api(tmp_path, ALLOWED_HOSTS="moment.example") as api:
            for path, host, status in [
                ("/v1/styles", "moment.example", 200),
                ("/v1/styles", str(api.http.base_url.netloc, "ascii"), 200),
                ("/v1/styles", "rebound.example", 421),
                ("/", "rebound.example", 421),
                ("/healthz", "10.0.0.7:8000", 200),
            ]:
                answer = await api.http.get(path, headers={"Host": host})
                assert answer.status_code == status, (path, host)
                assert answer.headers["x-content-type-options"] == "nosniff"
            assert_problem(await api.http.get("/v1/styles", headers={"Host": "a b"}), 421, "host_not_allowed")

    async def test_the_id_of_the_request_is_stored_with_the_job(self, api: ServedApi) -> None:
        files = {"file": ("hum.wav", WAV)}
        answer = await api.http.post("/v1/create-moment", files=files, headers={"X-Request-Id": "abc-123"})
        assert answer.status_code == 202
        assert [row.job.request.request_id for row in api.jobs.rows.values()] == ["abc-123"]

    async def test_each_request_leaves_a_line(self, api: ServedApi) -> None:
        with capture_logs() as lines:
            job_id = (await api.submit()).json()["job_id"]
            await api.http.get(f"/v1/status/{job_id}")
            await api.http.get("/v2/nothing")
            await api.http.get("/v1/styles", headers={"Authorization": "Bearer moment_nobody"})
            await api.http.post(f"/v1/jobs/{job_id}/cancel")
        seen = [line for line in lines if line["event"] == "request served" and line["log_level"] == "info"]
        assert [(line["method"], line["route"], line["status"], line.get("error_code")) for line in seen] == [
            ("POST", "/v1/create-moment", 202, None),
            ("GET", "/v2/nothing", 404, "not_found"),
            ("GET", "/v1/styles", 401, "key_invalid"),
            ("POST", "/v1/jobs/{job_id}/cancel", 200, None),
        ]

    async def test_cors_names_who_may_ask(self, api: ServedApi) -> None:
        preflight = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
        answer = await api.http.options("/v1/create-moment", headers=preflight)
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        other = await api.http.get("/healthz", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers

    async def test_pages_of_every_origin_may_read_parts_of_a_signed_url(self, api: ServedApi) -> None:
        job_id = (await api.submit()).json()["job_id"]
        url = (await api.http.get(f"/v1/status/{job_id}")).json()["original_audio_url"]
        asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range"}
        for origin in (ORIGIN, "http://localhost:8000", "null"):
            preflight = await api.http.options(url, headers={"Origin": origin, **asked})
            assert "Range" in preflight.headers["access-control-allow-headers"]
            part = await api.http.get(url, headers={"Origin": origin, "Range": "bytes=2-5"})
            assert (part.status_code, part.content) == (206, WAV[2:6])
            assert part.headers["accept-ranges"] == "bytes"
            broken = await api.http.get(url + "0", headers={"Origin": origin})
            for answer in (preflight, part, broken):
                assert answer.headers.get_list("access-control-allow-origin") == ["*"]
                assert "access-control-allow-credentials" not in answer.headers
            assert "Content-Range" in part.headers["access-control-expose-headers"]
        assert "PUT" in (await api.http.options(url)).headers["allow"]


DATABASE_DOWN = DatabaseUnavailable("secret host does not respond")


def jobs_that_fail(error: Exception) -> InMemoryJobs:
    """Return a repository whose writes and pings fail."""
    jobs = InMemoryJobs()
    for method in ("add", "ping"):
        jobs.faults.fail(method, error, times=ALWAYS)
    return jobs


def assert_nothing_kept(api: ServedApi) -> None:
    assert api.jobs.rows == {}
    assert not [path for path in Path(api.store._root).rglob("*") if path.is_file()]


async def megabytes(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield MEGABYTE
        await anyio.lowlevel.checkpoint()


async def endless_form(part: str, *, megabytes: int) -> AsyncIterator[bytes]:
    yield b'--b\r\nContent-Disposition: form-data; name="' + part.encode() + b'"\r\n\r\nRIFF'
    for _ in range(megabytes):
        yield MEGABYTE
    yield b"\r\n--b--\r\n"
