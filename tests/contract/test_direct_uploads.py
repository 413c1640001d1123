"""Recordings that clients send straight to storage: what the URL takes, and what a request does with it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from adapters.spaces import SpacesStore
from application.access import Caller
from application.moments.direct_uploads import DirectUploads
from application.moments.open_upload import OpenUpload, WantedUpload
from application.ports.jobs import DatabaseUnavailable
from application.ports.objects import ObjectNotFound, in_one_piece
from application.ports.uploads import UPLOADS_PREFIX
from domain.jobs.job import JobId
from tests.support.api import MAX_UPLOAD_BYTES, ORIGIN, WAV, ServedApi, serving_api
from tests.support.fake_uploads import InMemoryUploads
from tests.support.pipeline import any_bucket, now

pytestmark = pytest.mark.anyio

CREATE = "/v1/create-moment"
WANTED = {"content_type": "audio/wav", "bytes": len(WAV), "filename": "my hum.wav"}


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path_factory.mktemp("objects")) as api:
        yield api


@pytest.fixture
async def api(served: ServedApi) -> ServedApi:
    for job_id in served.jobs.rows:
        await served.store.delete(f"{job_id}/")
    await served.store.delete(UPLOADS_PREFIX)
    served.jobs.rows.clear()
    rows_of(served).rows.clear()
    return served


def rows_of(api: ServedApi) -> InMemoryUploads:
    found = api.container.uploads()
    assert isinstance(found, InMemoryUploads)
    return found


async def opened(api: ServedApi, headers: dict[str, str] | None = None, **changes: object) -> dict[str, Any]:
    answer = await api.http.post("/v1/uploads", json={**WANTED, **changes}, headers=headers)
    assert answer.status_code == 201, answer.text
    upload: dict[str, Any] = answer.json()
    return upload


async def sent(api: ServedApi, content: bytes = WAV, **changes: str) -> str:
    """Open an upload, send a recording, and return the id of the upload."""
    upload = await opened(api, None, bytes=len(content), **changes)
    answer = await api.http.put(upload["url"], content=content, headers=upload["headers"])
    assert answer.status_code == 200, answer.text
    return str(upload["upload_id"])


async def create(
    api: ServedApi, upload_id: str, headers: dict[str, str] | None = None, **fields: Any
) -> httpx.Response:
    return await api.http.post(CREATE, json={"upload_id": upload_id, **fields}, headers=headers)


def assert_refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def keys(api: ServedApi) -> set[str]:
    return {stored.key for stored in await api.store.list_page("", 10)}


async def test_an_upload_becomes_a_recording(api: ServedApi) -> None:
    upload = await opened(api, bytes=float(len(WAV)))
    assert (upload["method"], upload["headers"]) == ("PUT", {"Content-Type": "audio/wav"})
    assert (upload["bytes"], upload["max_bytes"]) == (len(WAV), MAX_UPLOAD_BYTES)
    assert datetime.now(UTC) < datetime.fromisoformat(upload["expires_at"]) < datetime.now(UTC) + timedelta(hours=2)
    assert (await api.http.put(upload["url"], content=WAV, headers=upload["headers"])).status_code == 200
    answer = await create(api, upload["upload_id"], output_kind="song")
    assert answer.status_code == 202, answer.text
    request = api.jobs.rows[JobId(UUID(answer.json()["job_id"]))].job.request
    assert (request.filename, request.output_kind, request.original.mime_type) == ("my hum.wav", "song", "audio/wav")
    assert await api.store.stat(request.original.key) == request.original
    assert await keys(api) == {request.original.key}


async def test_an_upload_is_used_once(api: ServedApi) -> None:
    upload = await opened(api)
    await api.http.put(upload["url"], content=WAV, headers=upload["headers"])
    assert (await create(api, upload["upload_id"])).status_code == 202
    before = await keys(api)
    assert_refused(await create(api, upload["upload_id"]), 409, "upload_used")
    await api.http.put(upload["url"], content=WAV, headers=upload["headers"])
    assert_refused(await create(api, upload["upload_id"]), 409, "upload_used")
    assert await keys(api) == before | {f"{UPLOADS_PREFIX}{upload['upload_id']}"}


async def test_the_url_takes_what_was_announced_alone(api: ServedApi) -> None:
    upload = await opened(api)
    url, good = upload["url"], upload["headers"]
    for content, headers in (
        (WAV + b"\0", good),
        (WAV[:-1], good),
        (b"", good),
        (WAV, {"Content-Type": "text/html"}),
        (WAV, {}),
        (WAV, {**good, "Transfer-Encoding": "chunked"}),
    ):
        body: Any = in_one_piece(content) if "Transfer-Encoding" in headers else content
        assert_refused(await api.http.put(url, content=body, headers=headers), 403, "url_invalid")
    told = (await api.http.put(url, content=WAV)).json()["detail"]
    assert told.endswith(f"PUT with Content-Type: audio/wav and Content-Length: {len(WAV)}")
    changed = url.replace(f"size={len(WAV)}", f"size={len(WAV) + 1}")
    assert_refused(await api.http.put(changed, content=WAV + b"\0", headers=good), 403, "url_invalid")
    assert_refused(
        await api.http.put(url.replace(f"&size={len(WAV)}", ""), content=WAV, headers=good), 403, "url_invalid"
    )
    assert_refused(await api.http.get(url), 403, "url_invalid")
    assert await keys(api) == set()


@pytest.mark.parametrize("origin", [ORIGIN, "http://localhost:8000"])
async def test_pages_of_every_origin_may_send_to_a_url_that_was_signed(api: ServedApi, origin: str) -> None:
    upload = await opened(api)
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    answer = await api.http.options(upload["url"], headers={"Origin": origin, **asked})
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert "PUT" in answer.headers["access-control-allow-methods"]
    headers = {**upload["headers"], "Origin": origin, "Sec-Fetch-Site": "cross-site"}
    assert (await api.http.put(upload["url"], content=WAV, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("content", "code", "status"),
    [(b"hello, I am text, not a recording", "not_audio", 415), (b"%PDF-1.7 and more", "not_audio", 415)],
)
async def test_content_decides_and_a_better_one_may_follow(
    api: ServedApi, content: bytes, code: str, status: int
) -> None:
    upload = await opened(api, bytes=len(content))
    await api.http.put(upload["url"], content=content, headers=upload["headers"])
    assert_refused(await create(api, upload["upload_id"]), status, code)
    assert not api.jobs.rows
    assert await keys(api) == {f"{UPLOADS_PREFIX}{upload['upload_id']}"}
    better = (WAV * 2)[: len(content)]
    await api.http.put(upload["url"], content=better, headers=upload["headers"])
    assert (await create(api, upload["upload_id"])).status_code == 202


async def test_what_is_not_there_cannot_be_used(api: ServedApi) -> None:
    upload = await opened(api)
    answer = await create(api, upload["upload_id"])
    assert_refused(answer, 409, "upload_incomplete")
    assert answer.json()["retryable"]
    assert_refused(await create(api, str(uuid4())), 404, "upload_not_found")
    assert_refused(await create(api, "../etc/passwd"), 400, "invalid_field")
    assert not api.jobs.rows


async def test_an_upload_belongs_to_its_owner(api: ServedApi) -> None:
    ada, bob = await api.new_key("ada"), await api.new_key("bob")
    upload = await opened(api, ada)
    await api.http.put(upload["url"], content=WAV, headers=upload["headers"])
    for other in (bob, {}):
        assert_refused(await create(api, upload["upload_id"], other), 404, "upload_not_found")
    assert (await create(api, upload["upload_id"], ada)).status_code == 202


async def test_a_request_that_is_refused_or_fails_leaves_the_upload_unused(api: ServedApi) -> None:
    upload_id = await sent(api)
    assert_refused(await create(api, upload_id, retention="forever"), 400, "invalid_field")
    api.jobs.faults.fail("add", DatabaseUnavailable("gone"))
    assert_refused(await create(api, upload_id), 503, "database_unavailable")
    assert rows_of(api).rows.popitem()[1].job_id is None
    assert f"{UPLOADS_PREFIX}{upload_id}" in await keys(api)


async def test_the_upload_counts_for_the_idempotency_key(api: ServedApi) -> None:
    upload_id, key = await sent(api), {"Idempotency-Key": "uploaded"}
    api.jobs.faults.fail("add", DatabaseUnavailable("gone"))
    assert (await create(api, upload_id, key)).status_code == 503
    first, again = await create(api, upload_id, key), await create(api, upload_id, key)
    assert (first.status_code, again.json(), again.headers["idempotency-replayed"]) == (202, first.json(), "true")
    assert_refused(await create(api, await sent(api), key), 422, "idempotency_key_reused")
    assert len(api.jobs.rows) == 1


@pytest.mark.parametrize(
    ("changes", "status", "code", "pointer"),
    [
        ({"content_type": "text/html"}, 400, "invalid_field", "/content_type"),
        ({"content_type": "audio/wav\r\nX: y"}, 400, "invalid_field", "/content_type"),
        ({"content_type": "image/svg+xml"}, 400, "invalid_field", "/content_type"),
        ({"content_type": None}, 400, "invalid_field", "/content_type"),
        ({"bytes": None}, 400, "invalid_field", "/bytes"),
        ({"bytes": 0}, 400, "invalid_field", "/bytes"),
        ({"bytes": "many"}, 400, "invalid_field", "/bytes"),
        ({"bytes": 1.5}, 400, "invalid_field", "/bytes"),
        ({"bytes": MAX_UPLOAD_BYTES + 1}, 413, "upload_too_large", None),
        ({"filename": "a\nb"}, 400, "invalid_field", "/filename"),
        ({"filename": "x" * 256}, 400, "invalid_field", "/filename"),
        ({"filename": "x" * 9000}, 413, "upload_too_large", None),
    ],
)
async def test_what_could_not_become_a_moment_is_refused(
    api: ServedApi, changes: dict[str, object], status: int, code: str, pointer: str | None
) -> None:
    answer = await api.http.post("/v1/uploads", json={**WANTED, **changes})
    assert_refused(answer, status, code)
    assert [error["pointer"] for error in answer.json()["errors"]] == ([] if pointer is None else [pointer])
    assert not rows_of(api).rows


@pytest.mark.parametrize(
    "content_type", ["audio/webm;codecs=opus", "video/mp4", 'audio/ogg; codecs="opus"', "audio/x-m4a"]
)
async def test_types_that_recorders_name_are_taken(api: ServedApi, content_type: str) -> None:
    assert await sent(api, content_type=content_type)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
async def test_what_is_no_object_is_refused(api: ServedApi, body: bytes) -> None:
    assert_refused(await api.http.post("/v1/uploads", content=body), 400, "form_invalid")


async def test_a_client_has_a_few_unused_uploads(api: ServedApi) -> None:
    client = {"X-Forwarded-For": "192.0.2.7"}
    for _ in range(32):
        await opened(api, client)
    assert_refused(await api.http.post("/v1/uploads", json=WANTED, headers=client), 429, "too_many_uploads")


async def test_s3_takes_what_was_announced_alone(spaces: SpacesStore) -> None:
    """moto checks no signatures: that both headers are signed is all that can be seen of it."""
    url = await spaces.sign_put("moment-uploads/a", "audio/wav", size=len(WAV))
    assert httpx.URL(url).params["X-Amz-SignedHeaders"] == "content-length;content-type;host"
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.put(url, content=WAV, headers={"Content-Type": "audio/wav"})
    assert answer.status_code == 200
    stored = await spaces.stat("moment-uploads/a")
    assert (stored.size, stored.mime_type, stored.sha256) == (len(WAV), "audio/wav", "")
    await spaces.copy("moment-uploads/a", "job/original")
    copied = await spaces.stat("job/original")
    assert (copied.size, copied.mime_type) == (len(WAV), "audio/wav")


async def test_an_upload_to_s3_becomes_a_recording(spaces: SpacesStore) -> None:
    uploads, caller = InMemoryUploads(now), Caller(owner="ada")
    open_upload = OpenUpload(uploads, spaces, any_bucket, now, max_bytes=MAX_UPLOAD_BYTES)
    opened = await open_upload(WantedUpload(content_type="video/webm", bytes=len(WAV), filename="a.webm"), caller)
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.put(opened.url, content=WAV, headers=opened.headers)).status_code == 200
    job_id = JobId(uuid4())
    async with DirectUploads(uploads, spaces).opened(opened.upload_id, caller, job_id) as hum:
        original = await hum.store_as(f"{job_id}/original")
    assert (hum.filename, original.size, original.mime_type) == ("a.webm", len(WAV), "audio/wav")
    assert [stored.key for stored in await spaces.list_page("", 10)] == [original.key]


@pytest.mark.container
async def test_a_strict_store_refuses_another_length(gateway_store: SpacesStore) -> None:
    url = await gateway_store.sign_put("moment-uploads/a", "audio/wav", size=len(WAV))
    async with httpx.AsyncClient(trust_env=False) as http:
        for content, kind in ((WAV + b"\0", "audio/wav"), (WAV, "text/html")):
            assert (await http.put(url, content=content, headers={"Content-Type": kind})).status_code == 403
    with pytest.raises(ObjectNotFound):
        await gateway_store.stat("moment-uploads/a")
