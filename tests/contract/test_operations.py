"""What operators see and do over HTTP, and who is an operator."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import anyio
import httpx
import msgspec
import pytest

from application.access import Permission
from application.ports.workers import WorkerReport
from domain.blueprints.blueprint import OutputKind
from domain.errors import JobError
from domain.jobs.calls import ToolCall
from domain.jobs.job import JobId
from domain.jobs.transitions import Analyzed, Failed, JobStatus
from entrypoints.api.local_operators import LocalOperators
from tests.support.api import ORIGIN, ServedApi, serving_api
from tests.support.fake_webhooks import a_delivery
from tests.support.jobs import ANALYZED, NOW, STARTED, a_job, a_job_that_is, room_for
from tests.support.pipeline import in_pieces

pytestmark = pytest.mark.anyio

STATS = "/v1/operations/stats"
END_OF_TIME = urlsafe_b64encode(
    b'{"at": "9999-12-31T23:59:59-14:00", "job_id": "ee9ec672-08be-4d3e-aabb-aafa7869a1d1", "ended": false}'
).decode()
LOCAL = ("127.0.0.1", "localhost", "[::1]")


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path_factory.mktemp("objects")) as served:
        yield served


@pytest.fixture
def api(served: ServedApi) -> ServedApi:
    served.jobs.rows.clear()
    served.jobs.paused.clear()
    return served


async def added(api: ServedApi, status: JobStatus = JobStatus.PENDING, **request: Any) -> JobId:
    job = a_job_that_is(status, JobId(uuid4()))
    await api.jobs.add(job)
    return job.id


async def failed(api: ServedApi, code: str = "child_lost", *, permanent: bool = False) -> JobId:
    """Store a job that failed, with its recording."""
    job_id = JobId(uuid4())
    await api.store.put(a_job(job_id).request.original.key, in_pieces(b"la"), "audio/wav")
    await api.jobs.add(a_job(job_id))
    (claim,) = await api.jobs.claim(room_for("w1", 1))
    error = Failed(JobError(code, "out of memory", permanent=permanent))
    await api.jobs.save(claim.lease, claim.job.on(STARTED, NOW).on(error, NOW))
    return job_id


async def post(api: ServedApi, action: str, **body: Any) -> Any:
    answer = await api.http.post(f"/v1/operations/{action}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def outcomes(api: ServedApi, action: str, *job_ids: JobId) -> list[tuple[str | None, str | None]]:
    done = (await post(api, action, job_ids=[str(job_id) for job_id in job_ids]))["outcomes"]
    assert [UUID(outcome["job_id"]) for outcome in done] == [*job_ids]
    return [(outcome["status"], outcome["error"] and outcome["error"]["code"]) for outcome in done]


class TestWho:
    @pytest.mark.parametrize("host", LOCAL)
    async def test_programs_of_the_machine_are_operators(self, api: ServedApi, host: str) -> None:
        for headers in (
            {},
            {"Sec-Fetch-Site": "none"},
            {"Sec-Fetch-Site": "same-origin", "Origin": f"http://{host}:1"},
        ):
            answer = await api.http.get(STATS, headers={"Host": f"{host}:1", **headers})
            assert answer.status_code == 200, headers

    @pytest.mark.parametrize(
        "headers",
        [
            {"Host": "rebound.example"},
            {"Host": "127.0.0.1.rebound.example"},
            {"Host": "localhost:1@rebound.example"},
            {"Host": "localhost."},
            {"Host": "10.0.0.7:8000"},
            {"X-Forwarded-For": "192.0.2.1"},
            {"X-Forwarded-Host": "localhost"},
            {"X-Forwarded-Proto": "https"},
            {"Forwarded": "for=127.0.0.1"},
            {"Via": "1.1 proxy"},
            {"X-Real-IP": "127.0.0.1"},
            {"CF-Connecting-IP": "192.0.2.1"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": ORIGIN},
            {"Origin": "http://localhost:3000"},
        ],
    )
    async def test_nobody_else_is_without_a_key(self, api: ServedApi, headers: dict[str, str]) -> None:
        paused = "/v1/operations/pause"
        for answer in (
            await api.http.get(STATS, headers=headers),
            await api.http.head(STATS, headers=headers),
            await api.http.post(paused, json={}, headers=headers),
            await api.http.post(paused, content="{}", headers={**headers, "Content-Type": "text/plain"}),
        ):
            assert answer.status_code in {401, 403}, answer.text
        assert not api.jobs.paused

    async def test_http_1_0_is_a_proxy_s(self) -> None:
        scope: Any = {"path": STATS, "client": ("127.0.0.1", 1), "headers": [(b"host", b"localhost")]}
        operators = LocalOperators("http://localhost:8000", allowed=True)

        def included(**changed: Any) -> bool:
            return operators.include({**scope, "http_version": "1.1", **changed})

        assert included()
        assert not included(http_version="1.0")
        assert not included(http_version="1")  # as Granian says it
        assert not included(client=("192.0.2.1", 1))
        assert not included(client=None)
        assert not included(headers=[(b"host", b"localhost")] * 2)
        assert not included(path="/v1/jobs")

    @pytest.mark.parametrize(("version", "status"), [("1.1", b"200"), ("1.0", b"401")])
    async def test_a_proxy_that_adds_nothing_is_known_by_its_version(
        self, api: ServedApi, version: str, status: bytes
    ) -> None:
        async with await anyio.connect_tcp("127.0.0.1", api.http.base_url.port or 0) as connection:
            await connection.send(f"GET {STATS} HTTP/{version}\r\nHost: localhost\r\n\r\n".encode())
            assert (await connection.receive()).split()[1] == status

    @pytest.mark.parametrize(
        "settings",
        [
            {"LOCAL_OPERATORS": "false"},
            {"LOCAL_OPERATORS": ""},
            {"REQUIRE_KEYS": "true"},
            {"PUBLIC_URL": "https://moments.example"},
        ],
    )
    async def test_some_services_have_no_operators_without_a_key(
        self, tmp_path: Path, settings: dict[str, str]
    ) -> None:
        async with serving_api(tmp_path, **settings) as api:
            refused = await api.http.get(STATS)
            key = await api.new_key("ops", Permission.OPERATE)
            allowed = await api.http.get(STATS, headers=key)
        assert (refused.status_code, refused.json()["code"]) == (401, "key_missing")
        assert allowed.status_code == 200

    async def test_a_key_needs_the_scope_and_then_it_works_from_everywhere(self, api: ServedApi) -> None:
        key, operator = await api.new_key("acme"), await api.new_key("ops", Permission.OPERATE)
        refused = await api.http.get(STATS, headers=key)
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
        proxied = {"Host": "moments.example", "X-Forwarded-For": "192.0.2.1", "Origin": ORIGIN}
        assert (await api.http.get(STATS, headers={**operator, **proxied})).status_code == 200
        wrong = await api.http.get(STATS, headers={"Authorization": "Bearer moment_wrong"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "key_invalid")

    async def test_the_routes_of_users_have_no_local_operators(self, api: ServedApi) -> None:
        key = await api.new_key("acme")
        job_id = (await api.submit_with(key)).json()["job_id"]
        assert (await api.http.get(f"/v1/jobs/{job_id}")).status_code == 404
        assert (await api.http.get(f"/v1/operations/jobs/{job_id}")).json()["job"]["owner"] == "acme"


class TestSee:
    async def test_jobs_by_state_and_code_page_by_page(self, api: ServedApi) -> None:
        lost, denied, waiting = await failed(api), await failed(api, "tool_failed"), await added(api)

        async def listed(**which: str | int) -> list[UUID]:
            page = (await api.http.get("/v1/operations/jobs", params=which)).raise_for_status().json()
            found = [UUID(job["id"]) for job in page["jobs"]]
            return found + (await listed(**{**which, "cursor": page["next_cursor"]}) if page["next_cursor"] else [])

        assert await listed() == await listed(limit=1) == await listed(limit=2) == [waiting, denied, lost]
        assert await listed(status="FAILED") == [denied, lost]
        assert await listed(code="tool_failed") == [denied]
        assert await listed(status="PENDING", code="tool_failed") == []
        await api.jobs.claim(room_for("w2", 1))
        assert (await listed(worker="w2"), await listed(worker="w1")) == ([waiting], [])
        assert await listed(since="2999-01-01T00:00:00") == []
        for long_ago in ("2001-01-01T00:00:00+02:00", "0001-01-01T00:00:00+14:00"):
            assert await listed(since=long_ago, limit=200) == [waiting, denied, lost]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("status", "BROKEN"),
            ("limit", "0"),
            ("limit", "201"),
            ("since", "yesterday"),
            ("code", "\x00"),
            ("worker", "x" * 201),
        ],
    )
    async def test_parameters_that_mean_nothing_are_named(self, api: ServedApi, name: str, value: str) -> None:
        answer = await api.http.get("/v1/operations/jobs", params={name: value})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
        assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{name}"]

    @pytest.mark.parametrize("cursor", ["", "abc", "ü", "bnVsbA", "x" * 200, END_OF_TIME])
    async def test_cursors_of_no_page_are_refused(self, api: ServedApi, cursor: str) -> None:
        answer = await api.http.get("/v1/operations/jobs", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")

    async def test_one_job_s_timeline_with_its_calls(self, api: ServedApi) -> None:
        job_id = await added(api)
        (claim,) = await api.jobs.claim(room_for("w1", 1))
        call = ToolCall(tool="analyze_hum", stage=JobStatus.ANALYZING, at=NOW, seconds=0.5, attempt=1, worker="w1")
        assert isinstance(ANALYZED, Analyzed)
        await api.jobs.save(claim.lease, claim.job.on(STARTED, NOW).on(ANALYZED, NOW, [call]))
        timeline = (await api.http.get(f"/v1/operations/jobs/{job_id}")).raise_for_status().json()
        assert [entered["status"] for entered in timeline["history"]] == ["PENDING", "ANALYZING", "RENDERING"]
        assert timeline["calls"] == [
            {
                "tool": "analyze_hum",
                "stage": "ANALYZING",
                "at": "2026-11-22T12:00:00Z",
                "seconds": 0.5,
                "attempt": 1,
                "worker": "w1",
            }
        ]
        assert (timeline["job"]["worker"], timeline["token"], timeline["attempts"]) == ("w1", 1, [])
        assert (timeline["style"], timeline["parent_id"]) == (ANALYZED.blueprint.style, None)

    async def test_whether_a_worker_is_lost_is_told_by_the_database_s_clock(self, api: ServedApi) -> None:
        job_id = await added(api)
        await api.jobs.claim(room_for("w1", 1))
        assert (await api.http.get(f"/v1/operations/jobs/{job_id}")).json()["job"]["lost"] is False
        api.jobs.rows[job_id].lease_expires_at = NOW - timedelta(seconds=1)
        assert (await api.http.get(f"/v1/operations/jobs/{job_id}")).json()["job"]["lost"] is True

    async def test_a_job_of_a_newer_version_is_shown_as_far_as_it_is_known(self, api: ServedApi) -> None:
        job_id = await failed(api)
        api.jobs.rows[job_id].unreadable = True
        timeline = (await api.http.get(f"/v1/operations/jobs/{job_id}")).json()
        assert (timeline["job"]["output_kind"], timeline["history"]) == (None, [])
        (row,) = (await api.http.get("/v1/operations/jobs")).json()["jobs"]
        assert row["output_kind"] is None

    async def test_an_unknown_job(self, api: ServedApi) -> None:
        for job_id in (uuid4(), "nonsense"):
            answer = await api.http.get(f"/v1/operations/jobs/{job_id}")
            assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")

    async def test_webhooks_of_a_job_and_of_all(self, api: ServedApi) -> None:
        job_id = await added(api)
        api.webhooks.deliveries = [a_delivery(job_id), a_delivery(JobId(uuid4()))]
        (delivery,) = (await api.http.get(f"/v1/operations/jobs/{job_id}")).json()["deliveries"]
        assert (delivery["state"], delivery["url"]) == ("pending", "https://app.example/hooks")
        endpoint = await api.webhooks.add("acme", "https://gone.example/?token=hush", [], whole=False)
        gone = {"disabled_at": NOW, "disabled_because": "410"}
        api.webhooks.endpoints[endpoint] = msgspec.structs.replace(api.webhooks.endpoints[endpoint], **gone)
        counts = (await api.http.get("/v1/operations/deliveries")).json()
        assert (counts["pending"], counts["late"]) == (2, (await api.webhooks.count()).late.total_seconds())
        assert (counts["failing"], counts["failing_for"]) == (0, 0.0)
        (disabled,) = counts["disabled"]
        assert (disabled["owner"], disabled["url"], disabled["because"]) == ("acme", "https://gone.example/", "410")

    async def test_workers_and_their_leases(self, api: ServedApi) -> None:
        job_id = await added(api)
        await api.jobs.claim(room_for("w1", 1))
        await added(api)
        await api.container.worker_registry().report(
            WorkerReport(
                name="w1", version="1", host="h", slots=8, running=1, waiting_for={OutputKind.SONG: "tool_missing"}
            )
        )
        fleet = (await api.http.get("/v1/operations/workers")).json()
        assert [(UUID(held["id"]), held["worker"]) for held in fleet["leases"]] == [(job_id, "w1")]
        (worker,) = fleet["workers"]
        assert (worker["name"], worker["running"], worker["waiting_for"]) == ("w1", 1, {"song": "tool_missing"})

    async def test_counts(self, api: ServedApi) -> None:
        await added(api)
        await failed(api)
        stats = (await api.http.get(STATS)).json()
        assert (stats["waiting"], stats["unfinished"], stats["failed_for"]) == (1, {"PENDING": 1}, {"child_lost": 1})

    async def test_counts_of_what_is_made_on_demand(self, api: ServedApi) -> None:
        await api.http.get("/v1/styles/lofi/sample")
        asked = (await api.http.get(STATS)).json()["conversions"]
        assert asked["oldest_waiting"] < 60
        assert asked == {"waiting": 1, "running": 0, "oldest_waiting": asked["oldest_waiting"], "failed_1h": 0}


class TestDo:
    async def test_cancel(self, api: ServedApi) -> None:
        waiting, gone = await added(api), JobId(uuid4())
        assert await outcomes(api, "cancel", waiting, gone) == [("CANCELLED", None), (None, "job_not_found")]

    async def test_retry(self, api: ServedApi) -> None:
        broken, waiting = await failed(api), await added(api)
        assert await outcomes(api, "retry", broken, waiting) == [("PENDING", None), (None, "not_retriable")]

    async def test_retry_all_that_may_do_better(self, api: ServedApi) -> None:
        broken = await failed(api)
        await failed(api, "hum_silent", permanent=True)
        planned = await post(api, "retry-failed", dry_run=True)
        assert [UUID(outcome["job_id"]) for outcome in planned["outcomes"]] == [broken]
        assert (planned["left_out"], planned["more"]) == (1, False)
        assert api.jobs.rows[broken].job.status is JobStatus.FAILED
        done = await post(api, "retry-failed", since="2001-01-01T00:00:00")
        assert [outcome["status"] for outcome in done["outcomes"]] == ["PENDING"]

    async def test_retry_all_with_a_code_in_several_requests(self, api: ServedApi) -> None:
        for _ in range(3):
            await failed(api, "hum_silent", permanent=True)
        await failed(api)
        first = await post(api, "retry-failed", code="hum_silent", limit=2)
        assert (len(first["outcomes"]), first["more"]) == (2, True)
        second = await post(api, "retry-failed", code="hum_silent", limit=2)
        assert (len(second["outcomes"]), second["more"]) == (1, False)

    async def test_delete(self, api: ServedApi) -> None:
        broken = await failed(api)
        assert await outcomes(api, "delete", broken) == [(None, None)]
        assert (await api.http.get(f"/v1/jobs/{broken}")).status_code == 404
        assert await outcomes(api, "delete", broken) == [(None, "job_not_found")]

    async def test_pause_and_resume(self, api: ServedApi) -> None:
        for action, body, paused in [
            ("pause", {"kinds": ["song"]}, {OutputKind.SONG}),
            ("pause", {}, set(OutputKind)),
            ("resume", {"kinds": ["preview"]}, {OutputKind.SONG}),
            ("resume", {}, set()),
        ]:
            answer = await api.http.post(f"/v1/operations/{action}", json=body)
            assert (answer.status_code, answer.content) == (204, b"")
            assert set((await api.http.get(STATS)).json()["paused"]) == api.jobs.paused == paused

    @pytest.mark.parametrize(
        ("action", "body", "pointer"),
        [
            ("cancel", b"", ""),
            ("cancel", b"[]", ""),
            ("cancel", b'{"job_ids": []}', "/job_ids"),
            ("cancel", b'{"job_ids": ["x"]}', "/job_ids/0"),
            ("retry", b'{"job_ids": ["%s"]}' % b'", "'.join([str(uuid4()).encode()] * 101), "/job_ids"),
            ("retry-failed", b'{"limit": 0}', "/limit"),
            ("retry-failed", b'{"status": "FAILED"}', ""),
            ("pause", b'{"kinds": ["opera"]}', "/kinds/0"),
            ("pause", b'{"kinds": []}', "/kinds"),
        ],
    )
    async def test_bodies_that_mean_nothing_change_nothing(
        self, api: ServedApi, action: str, body: bytes, pointer: str
    ) -> None:
        answer = await api.http.post(f"/v1/operations/{action}", content=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
        assert answer.json()["errors"][0]["message"]

    async def test_a_kind_that_is_none_is_answered_with_those_that_are(self, api: ServedApi) -> None:
        answer = await api.http.post("/v1/operations/pause", json={"kinds": ["preview", "opera"]})
        assert answer.json()["errors"] == [{"pointer": "/kinds/1", "message": "must be preview or song"}]

    async def test_a_body_is_not_longer_than_a_hundred_ids_need(self, api: ServedApi) -> None:
        answer = await api.http.post("/v1/operations/cancel", content=bytes(20_000))
        assert answer.status_code == 413


async def test_every_route_of_operators_needs_one(api: ServedApi) -> None:
    paths = (await api.http.get("/openapi.json")).json()["paths"]
    routes = [(method, path) for path in paths if path.startswith("/v1/operations/") for method in paths[path]]
    assert len(routes) >= 10
    key = await api.new_key("acme")
    for method, path in routes:
        answer: httpx.Response = await api.http.request(method, path.format(job_id=uuid4()), headers=key)
        assert answer.status_code == 403, path
