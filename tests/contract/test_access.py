"""Who may do what over HTTP: with keys, without them, and where they are required."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final
from uuid import UUID

import httpx
import pytest

from application.access import Permission
from application.keys.recent_answers import KNOWN_SECONDS
from application.keys.tokens import new_token
from application.ports.jobs import DatabaseUnavailable
from domain.jobs.job import JobId
from entrypoints.api.local_operators import PATH as OPERATIONS
from tests.support.api import ORIGIN, ServedApi, serving_api

pytestmark = pytest.mark.anyio

Headers = dict[str, str]

OPEN: Final = ["/", "/docs", "/docs/errors", "/openapi.json", "/healthz", "/readyz"]
CLOSED: Final = ["/v1/styles", "/v1/blueprints/schema", "/v1/status/x"]


@pytest.fixture(scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path_factory.mktemp("objects")) as served:
        yield served


@pytest.fixture(scope="module")
async def closed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path_factory.mktemp("objects"), REQUIRE_KEYS="true") as served:
        yield served


def assert_refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    if status != 404:
        assert answer.headers["www-authenticate"].startswith('Bearer realm="moment"')


async def created(api: ServedApi, key: Headers) -> str:
    answer = await api.submit_with(key)
    assert answer.status_code == 202, answer.text
    job_id: str = answer.json()["job_id"]
    return job_id


def routes_of_jobs(document: dict[str, Any], job_id: str) -> Iterator[tuple[str, str]]:
    """Yield the method and the path of every route that takes the id of a job, but those of operators."""
    for path, item in document["paths"].items():
        if "{job_id}" in path and not path.startswith(OPERATIONS):
            yield from ((method.upper(), path.replace("{job_id}", job_id)) for method in item)


async def test_a_job_has_the_owner_of_the_key(api: ServedApi) -> None:
    job_id = await created(api, await api.new_key("acme"))
    request = api.jobs.rows[JobId(UUID(job_id))].job.request
    assert (request.owner, request.client) == ("acme", "acme")


async def test_no_route_tells_others_of_an_owners_job(api: ServedApi) -> None:
    mine, strangers, operators = [
        await api.new_key("acme"),
        await api.new_key("other"),
        await api.new_key("ops", Permission.OPERATE),
    ]
    job_id = await created(api, mine)
    routes = list(routes_of_jobs((await api.http.get("/openapi.json")).json(), job_id))
    assert len(routes) >= 7
    for method, path in [*routes, ("HEAD", f"/v1/jobs/{job_id}/events"), ("HEAD", f"/v1/status/{job_id}")]:
        for key in (strangers, {}):
            answer = await api.http.request(method, path, headers=key)
            assert answer.status_code == 404, (method, path)
            assert method == "HEAD" or answer.json()["code"] == "job_not_found"
    for key in (mine, operators):
        assert (await api.http.get(f"/v1/jobs/{job_id}", headers=key)).status_code == 200
    assert (await api.http.post(f"/v1/jobs/{job_id}/cancel", headers=operators)).status_code == 200


async def test_an_idempotency_key_belongs_to_the_owner(api: ServedApi) -> None:
    named = {"Idempotency-Key": "first hum"}
    keys = [{}, await api.new_key("acme"), await api.new_key("acme"), await api.new_key("other")]
    anybody, mine, mine_again, theirs = [(await api.submit_with(named | key)).json()["job_id"] for key in keys]
    assert mine == mine_again
    assert len({anybody, mine, theirs}) == 3


async def test_another_key_of_the_owner_sees_the_same_jobs(api: ServedApi) -> None:
    job_id = await created(api, await api.new_key("acme"))
    assert (await api.http.get(f"/v1/jobs/{job_id}", headers=await api.new_key("acme"))).status_code == 200


async def test_a_job_without_an_owner_is_seen_by_whoever_knows_its_id(api: ServedApi) -> None:
    job_id = await created(api, {})
    for key in ({}, await api.new_key("acme")):
        assert (await api.http.get(f"/v1/status/{job_id}", headers=key)).status_code == 200


async def test_lists_are_closed_without_a_key(api: ServedApi) -> None:
    for path in ("/v1/jobs", "/v1/usage"):
        assert_refused(await api.http.get(path), 401, "key_missing")


async def test_an_owner_lists_their_jobs_page_by_page(api: ServedApi) -> None:
    key = await api.new_key("lister")
    created_ids = [await created(api, key) for _ in range(3)]
    await created(api, await api.new_key("other"))
    first = await api.http.get("/v1/jobs?limit=2&status=PENDING", headers=key)
    assert first.status_code == 200
    link = first.headers["link"]
    assert (link[0], link[-12:]) == ("<", '>; rel="next"'[-12:])
    second = await api.http.get(link[1 : link.index(">")], headers=key)
    assert second.json()["next_cursor"] is None
    assert "link" not in second.headers
    listed = [job["id"] for page in (first, second) for job in page.json()["jobs"]]
    assert sorted(listed) == sorted(created_ids)
    assert (await api.http.head("/v1/jobs", headers=key)).status_code == 200


async def test_a_state_that_is_none_is_answered_with_those_that_are(api: ServedApi) -> None:
    answer = await api.http.get("/v1/jobs?status=DONE", headers=await api.new_key("acme"))
    said = "must be PENDING, ANALYZING, RENDERING, MIXING, COMPLETED, FAILED or CANCELLED"
    assert answer.json()["errors"] == [{"pointer": "/status", "message": said}]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "bad_request"),
        ("limit=101", "bad_request"),
        ("limit=few", "bad_request"),
        ("status=DONE", "bad_request"),
        ("style=polka", "bad_request"),
        ("created_after=yesterday", "bad_request"),
        ("client_reference=%00", "bad_request"),
        ("cursor=x", "cursor_invalid"),
    ],
)
async def test_what_cannot_be_listed_is_refused(api: ServedApi, query: str, code: str) -> None:
    answer = await api.http.get(f"/v1/jobs?{query}", headers=await api.new_key("acme"))
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not [word for word in ("Expected", "Invalid", "`") if word in answer.text]  # the framework's words


@pytest.mark.parametrize(
    ("query", "is_listed"),
    [
        ("created_after=0001-01-01T00:00:00%2B14:00", True),
        ("created_after=9999-12-31T23:59:59-14:00", False),
        ("created_before=9999-12-31T23:59:59-14:00", True),
    ],
)
async def test_times_at_both_ends_of_the_calendar_are_times(api: ServedApi, query: str, *, is_listed: bool) -> None:
    key = await api.new_key("historian")
    await created(api, key)
    answer = await api.http.get(f"/v1/jobs?{query}", headers=key)
    assert bool(answer.json()["jobs"]) is is_listed


async def test_times_without_a_zone_are_utc(api: ServedApi) -> None:
    key = await api.new_key("timekeeper")
    job_id = await created(api, key)
    for query, found in [("created_after=2020-01-01T00:00:00", [job_id]), ("created_before=2020-01-01T00:00:00Z", [])]:
        answer = await api.http.get(f"/v1/jobs?{query}&style=cinematic", headers=key)
        assert [job["id"] for job in answer.json()["jobs"]] == found


async def test_a_quota_ends_and_says_when_it_begins_again(api: ServedApi) -> None:
    key = await api.new_key("saver", moments=2)
    for _ in range(2):
        await created(api, key)
    stored = len(api.jobs.rows)
    refused = await api.submit_with(key)
    assert (refused.status_code, refused.json()["code"]) == (429, "quota_exceeded")
    assert 0 < int(refused.headers["retry-after"]) <= 31 * 86_400
    assert len(api.jobs.rows) == stored
    usage = (await api.http.get("/v1/usage", headers=key)).json()
    assert (usage["owner"], usage["quota"]) == ("saver", {"moments": 2, "seconds": None})
    assert [(month["moments"], month["seconds"]) for month in usage["months"]] == [(2, 0.0)]


async def test_a_replayed_request_is_not_refused_for_its_quota(api: ServedApi) -> None:
    key = await api.new_key("replayer", moments=1) | {"Idempotency-Key": "once"}
    first, second = await api.submit_with(key), await api.submit_with(key)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()


@pytest.mark.parametrize(
    "value",
    [
        "Bearer",
        "Bearer x",
        f"Bearer {new_token()}",
        f"bearer {new_token()[:-1]}",
        f"Bearer\t{new_token()}",
        new_token(),
    ],
    ids=["no token", "no token of ours", "unknown", "cut", "after a tab", "no scheme"],
)
async def test_a_key_that_is_none_is_not_nobody(api: ServedApi, value: str) -> None:
    for answer in (
        await api.http.get("/v1/styles", headers={"Authorization": value}),
        await api.submit_with({"Authorization": value}),
    ):
        assert_refused(answer, 401, "key_invalid")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_of_two_keys_neither_counts(api: ServedApi) -> None:
    key = (await api.new_key("acme"))["Authorization"]
    for other in ("Basic dTpw", f"Bearer {new_token()}", key):
        both = [("Authorization", other), ("Authorization", key)]
        assert_refused(await api.http.get("/v1/styles", headers=both), 401, "key_invalid")


async def test_what_a_proxy_sends_is_no_key(api: ServedApi) -> None:
    assert (await api.http.get("/v1/styles", headers={"Authorization": "Basic dTpw"})).status_code == 200


async def test_a_revoked_key_is_refused_once_nobody_remembers_it(api: ServedApi) -> None:
    key = await api.new_key("acme")
    assert (await api.http.get("/v1/styles", headers=key)).status_code == 200
    await api.api_keys.revoke(key["Authorization"][len("Bearer ") :][:15])
    ring = api.container.keyring()._callers
    clock, ring._clock = ring._clock, lambda: clock() + KNOWN_SECONDS
    try:
        assert_refused(await api.http.get("/v1/styles", headers=key), 401, "key_invalid")
    finally:
        ring._clock = clock


async def test_a_key_does_what_its_scopes_allow(api: ServedApi) -> None:
    readers, creators = await api.new_key("acme", Permission.READ), await api.new_key("acme", Permission.CREATE)
    job_id = await created(api, creators)
    assert (await api.http.get(f"/v1/jobs/{job_id}", headers=readers)).status_code == 200
    for answer in (
        await api.submit_with(readers),
        await api.http.post(f"/v1/jobs/{job_id}/cancel", headers=readers),
        await api.http.delete(f"/v1/jobs/{job_id}", headers=readers),
        await api.http.get(f"/v1/jobs/{job_id}", headers=creators),
    ):
        assert_refused(answer, 403, "permission_missing")
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


async def test_while_the_database_is_away_a_key_is_not_nobody(api: ServedApi) -> None:
    key = await api.new_key("acme")
    api.api_keys.faults.fail("find", DatabaseUnavailable("away"))
    answer = await api.http.get("/v1/styles", headers=key)
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")


async def test_where_keys_are_required_the_pages_and_signed_urls_stay_open(closed: ServedApi) -> None:
    for path in OPEN:
        assert (await closed.http.get(path)).status_code == 200, path
    for path in CLOSED:
        assert_refused(await closed.http.get(path), 401, "key_missing")
    for path in ("//v1/styles", "/v1//styles", "/v1/styles/", "/%761/styles"):  # other spellings of a route
        assert_refused(await closed.http.get(f"{closed.http.base_url}".rstrip("/") + path), 401, "key_missing")
    assert_refused(await closed.submit(), 401, "key_missing")
    key = await closed.new_key("acme")
    job_id = await created(closed, key)
    status = (await closed.http.get(f"/v1/status/{job_id}", headers=key)).json()
    assert (await closed.http.get(status["original_audio_url"])).status_code == 200
    assert_refused(await closed.http.get(f"/v1/status/{job_id}"), 401, "key_missing")


async def test_pages_of_other_origins_may_ask_and_read_why_not(closed: ServedApi) -> None:
    asks = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    answer = await closed.http.options("/v1/styles", headers=asks)
    assert answer.status_code == 204
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()
    refused = await closed.http.get("/v1/styles", headers={"Origin": ORIGIN})
    assert_refused(refused, 401, "key_missing")
    assert refused.headers["access-control-allow-origin"] == ORIGIN
