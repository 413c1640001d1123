"""Every code that a request can meet is met here over HTTP, and its problem is whole.

A new code needs one entry in `WAYS`: the request that it refuses.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

import anyio
import httpx
import msgspec
import pytest
from anyio.abc import SocketStream
from dependency_injector.providers import Object

from adapters.http.recordings import HttpRecordings
from adapters.toolkit.authorities import parse
from application.access import Permission
from application.keys.tokens import new_token
from application.moments.admission import WaitingLimits, WaitingRoom
from application.moments.webhooks import Webhooks
from application.ports.conversions import MOST_OF_CLIENT
from application.ports.jobs import DatabaseUnavailable, JobUnreadable, SchemaOutdated
from application.ports.objects import StorageDenied, StorageUnavailable
from application.upkeep.bucket_report import WrongBucket
from domain.error_codes import CODES, Code
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus
from entrypoints.api.app import create_app
from entrypoints.api.downloads import DownloadLimits
from entrypoints.api.error_statuses import STATUSES
from entrypoints.api.event_streams import EventStreams, StreamLimits
from entrypoints.api.problem_documents import RETRIED
from entrypoints.api.rate_limits import RateLimits
from entrypoints.api.request_bodies import Limits
from entrypoints.api.server import serve_app
from entrypoints.local.network import free_port
from tests.support.api import MAX_UPLOAD_BYTES, WAV, ServedApi, serving_api, until_listening
from tests.support.fake_queue import InMemoryJobs
from tests.support.fake_store import InMemoryStore
from tests.support.fake_webhooks import a_delivery
from tests.support.hostile_server import hostile_server
from tests.support.jobs import a_job_that_is, room_for
from tests.support.making import conversions
from tests.support.pipeline import in_pieces, now

pytestmark = pytest.mark.anyio

Way = Callable[[ServedApi], Coroutine[Any, Any, httpx.Response]]

LONG_BYTES: Final = 1 << 24
"""More than the buffers of a connection hold."""

ALLOWED_HOST: Final = "moment.example"
SETTINGS: Final = {"ALLOWED_HOSTS": ALLOWED_HOST, "RATE_LIMIT_CHANGES": "0"}
CLIENTS: Final = ({"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"})
HALF_A_FORM: Final = (
    "POST /v1/create-moment HTTP/1.1\r\nHost: moment.example\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    "X-Forwarded-For: {client}\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n--b\r\n"
)
WANTED: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
"""What the server sends as soon as the application reads such a form."""
BROKEN_CHUNK: Final = (
    "POST /v1/blueprints/validate HTTP/1.1\r\nHost: moment.example\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n"
)


@pytest.fixture(scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    """An API whose limits are low."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("entrypoints.api.middlewares.Limits", partial(Limits, bodies=2, of_client=1))
        low = StreamLimits(streams=2, of_client=1)
        patch.setattr("entrypoints.api.dependencies.EventStreams", partial(EventStreams, limits=low))
        few = partial(DownloadLimits, downloads=2, of_client=1)
        patch.setattr("entrypoints.api.middlewares.DownloadLimits", few)
        patch.setattr("application.moments.delete_job.STOP_SECONDS", 0.0)
        async with serving_api(tmp_path_factory.mktemp("objects"), **SETTINGS) as served:
            yield served


@pytest.mark.parametrize("code", STATUSES)
async def test_the_code_is_met_and_its_problem_is_whole(api: ServedApi, code: Code) -> None:
    assert code in WAYS, f"add to WAYS what {code} refuses"
    answer = await WAYS[code](api)
    problem, status = answer.json(), STATUSES[code]
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["type"]) == (status, f"/docs/errors#{code}")
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"].startswith("/")
    assert problem["request_id"] == answer.headers["x-request-id"] != ""
    assert problem["retryable"] is not CODES[code].permanent
    assert isinstance(problem["errors"], list)
    assert ("retry-after" in answer.headers) == (status in RETRIED and problem["retryable"])


def test_nothing_is_met_that_no_request_can_cause() -> None:
    assert set(WAYS) <= set(STATUSES)


def form(**parts: Any) -> Way:
    """Return the way of sending a form with these parts."""
    return lambda api: api.http.post("/v1/create-moment", files=parts)


def get(path: str, **headers: str) -> Way:
    return lambda api: api.http.get(path, headers=headers)


async def a_job(api: ServedApi, status: JobStatus = JobStatus.PENDING) -> JobId:
    job = a_job_that_is(status, JobId(uuid4()))
    await api.jobs.add(job)
    return job.id


def with_a_job(method: str, route: str = "", status: JobStatus = JobStatus.PENDING, **content: Any) -> Way:
    """Return the way of asking something of a job."""

    async def ask(api: ServedApi) -> httpx.Response:
        return await api.http.request(method, f"/v1/jobs/{await a_job(api, status)}{route}", **content)

    return ask


async def without_stems(api: ServedApi) -> httpx.Response:
    job = a_job_that_is(JobStatus.COMPLETED, JobId(uuid4()))
    bare = {stem: msgspec.structs.replace(each, artifact=None) for stem, each in job.checkpoints.items()}
    await api.jobs.add(msgspec.structs.replace(job, checkpoints=bare))
    return await api.http.get(f"/v1/jobs/{job.id}/audio?format=wav")


async def conversion_failed(api: ServedApi) -> httpx.Response:
    job_id, queue = await a_job(api, JobStatus.COMPLETED), conversions(api)
    await api.http.get(f"/v1/jobs/{job_id}/audio?format=wav")
    claimed = await queue.claim(timedelta(seconds=30))
    assert claimed
    await queue.fail(claimed, "tool_failed")
    return await api.http.get(f"/v1/jobs/{job_id}/audio?format=wav")


async def too_many_conversions(api: ServedApi) -> httpx.Response:
    job = a_job_that_is(JobStatus.COMPLETED, JobId(uuid4()))
    await api.jobs.add(msgspec.structs.replace(job, request=msgspec.structs.replace(job.request, client="greedy")))
    for number in range(MOST_OF_CLIENT):
        await conversions(api).request(job.id, f"format {number}")
    try:
        return await api.http.get(f"/v1/jobs/{job.id}/audio?format=wav")
    finally:
        conversions(api).rows.clear()


def with_key(key: str, **fields: str) -> Way:
    headers = {"Idempotency-Key": key}
    return lambda api: api.http.post("/v1/create-moment", files={"file": WAV}, data=fields, headers=headers)


def upload(*, known: bool = True, used: bool = False) -> Way:
    """Return the way of naming a direct upload."""

    async def ask(api: ServedApi) -> httpx.Response:
        wanted = {"content_type": "audio/wav", "bytes": len(WAV)}
        opened = (await api.http.post("/v1/uploads", json=wanted)).json()
        named = {"upload_id": opened["upload_id"] if known else str(uuid4())}
        if used:
            await api.http.put(opened["url"], content=WAV, headers=opened["headers"])
            await api.http.post("/v1/create-moment", json=named)
        return await api.http.post("/v1/create-moment", json=named)

    return ask


async def of_a_missing_recording(api: ServedApi) -> httpx.Response:
    async with hostile_server() as server:
        recordings = HttpRecordings([parse(f"127.0.0.1:{server.port}")])
        with api.container.recording_fetcher.override(Object(recordings)):
            return await api.http.post("/v1/create-moment", json={"audio_url": server.url("/missing")})


async def key_in_use(api: ServedApi) -> httpx.Response:
    entered, leave = anyio.Event(), anyio.Event()

    async def wait(*_: object) -> None:
        entered.set()
        await leave.wait()

    api.jobs.faults.before("add", wait, times=1)
    async with anyio.create_task_group() as group:
        group.start_soon(with_key("twins"), api)
        await entered.wait()
        answer = await with_key("twins")(api)
        leave.set()
    return answer


async def key_reused(api: ServedApi) -> httpx.Response:
    await with_key("again")(api)
    return await with_key("again", output_kind="song")(api)


async def stopping_too_slowly(api: ServedApi) -> httpx.Response:
    job_id = await a_job(api)
    await api.jobs.claim(room_for("busy", 100))
    return await api.http.delete(f"/v1/jobs/{job_id}")


def objects(method: str, key: str = "job/original", suffix: str = "", later: timedelta = timedelta(0)) -> Way:
    """Return the way of using a signed URL, changed, or after a while."""

    async def ask(api: ServedApi) -> httpx.Response:
        await api.store.put("job/original", in_pieces(WAV), "audio/wav")
        sign = api.store.sign_put(key, "audio/flac") if method == "PUT" else api.store.sign_get(key)
        headers = {"Range": "bytes=999999-", "Content-Type": "audio/flac"}
        body = in_pieces(bytes(MAX_UPLOAD_BYTES + 1)) if method == "PUT" else b""

        def then() -> datetime:
            return now() + later

        with api.container.clock.override(Object(then)):
            return await api.http.request(method, f"{await sign}{suffix}", headers=headers, content=body)

    return ask


async def exchanged(connection: SocketStream, sent: str) -> httpx.Response:
    """Send bytes that no client library would; return the response."""
    await connection.send(sent.encode())
    received = b""
    with anyio.fail_after(10):
        while b"}" not in received:
            received += await connection.receive()
    head, _, body = received.removeprefix(WANTED).partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    kept = [(name, value) for name, value in headers if name.lower() not in {"transfer-encoding", "content-length"}]
    return httpx.Response(int(status.split()[1]), headers=kept, content=body[body.index(b"{") : body.rindex(b"}") + 1])


def raw(sent: str) -> Way:
    async def ask(api: ServedApi) -> httpx.Response:
        async with await connected(api) as connection:
            return await exchanged(connection, sent.format(client="192.0.2.9"))

    return ask


async def connected(api: ServedApi) -> SocketStream:
    return await anyio.connect_tcp("127.0.0.1", api.http.base_url.port or 0)


def while_others_upload(*clients: str) -> Way:
    """Return the way of sending a form while each of these clients is at its own."""

    async def ask(api: ServedApi) -> httpx.Response:
        async with AsyncExitStack() as stack:
            for client in clients:
                upload = await stack.enter_async_context(await connected(api))
                await upload.send(HALF_A_FORM.format(client=client).encode())
                assert await upload.receive() == WANTED  # it counts from here on
            return await api.http.post("/v1/blueprints/validate", content=b"{}", headers=CLIENTS[0])

    return ask


def while_others_follow(*clients: dict[str, str]) -> Way:
    """Return the way of following a job while each of these clients does."""

    async def ask(api: ServedApi) -> httpx.Response:
        url = f"/v1/jobs/{await a_job(api)}/events"
        async with AsyncExitStack() as stack:
            for client in clients:
                await stack.enter_async_context(api.http.stream("GET", url, headers=client))
            return await api.http.get(url, headers=CLIENTS[0])

    return ask


def while_others_download(*clients: dict[str, str]) -> Way:
    """Return the way of downloading a file while each of these clients does, and reads nothing."""

    async def ask(api: ServedApi) -> httpx.Response:
        await api.store.put("job/long", in_pieces(bytes(LONG_BYTES)), "audio/wav")
        url = await api.store.sign_get("job/long")
        async with AsyncExitStack() as stack:
            for client in clients:
                await stack.enter_async_context(api.http.stream("GET", url, headers=client))
            return await api.http.get(url, headers=CLIENTS[0])

    return ask


@contextmanager
def failing(api: ServedApi, method: str, error: Exception) -> Iterator[None]:
    jobs = InMemoryJobs()
    jobs.faults.fail(method, error)
    with api.container.jobs.override(jobs):
        yield


def over_jobs_that_fail(error: Exception) -> Way:
    """Return the way of sending a hum while the database fails."""

    async def ask(api: ServedApi) -> httpx.Response:
        with failing(api, "add", error):
            return await api.submit()

    return ask


async def too_slow(api: ServedApi) -> httpx.Response:
    brief = partial(Limits, silence=0.1)
    async with served_again(api, Limits=brief) as (port, _), await anyio.connect_tcp("127.0.0.1", port) as connection:
        return await exchanged(connection, HALF_A_FORM.format(client="192.0.2.9"))


async def too_often(api: ServedApi) -> httpx.Response:
    async with served_again(api, RateLimits=lambda *_: RateLimits(reads=0, changes=1)) as (port, _):
        url, headers = f"http://127.0.0.1:{port}/v1/blueprints/validate", {"Host": ALLOWED_HOST, **CLIENTS[0]}
        assert (await api.http.post(url, content=b"{}", headers=headers)).is_success
        return await api.http.post(url, content=b"{}", headers=headers)


def while_jobs_wait(client: str, **limits: int) -> Way:
    """Return the way of sending a hum where one waits, with these limits."""

    async def ask(api: ServedApi) -> httpx.Response:
        room = WaitingRoom(api.container.backlog(), WaitingLimits(**limits))
        with api.container.waiting_room.override(Object(room)):
            await api.submit_with({"X-Forwarded-For": client})
            return await api.submit_with({"X-Forwarded-For": client})

    return ask


def over_a_store_that_fails(error: Exception) -> Way:
    async def ask(api: ServedApi) -> httpx.Response:
        store = InMemoryStore()
        store.faults.fail("put", error)
        with api.container.store.override(store):
            return await api.submit()

    return ask


async def wrong_bucket(api: ServedApi) -> httpx.Response:
    async def misled() -> None:
        raise WrongBucket("another's")

    with api.container.bucket_guard.override(Object(misled)):
        return await api.submit()


async def while_it_stops(api: ServedApi) -> httpx.Response:
    async with served_again(api) as (port, stopping), await anyio.connect_tcp("127.0.0.1", port) as connection:
        stopping.set()
        return await exchanged(connection, HALF_A_FORM.format(client="192.0.2.9"))


@asynccontextmanager
async def served_again(api: ServedApi, **limits: Any) -> AsyncIterator[tuple[int, anyio.Event]]:
    """Serve the same on another port, with limits instead of those of `middlewares`; yield it, and what stops it."""
    port, stopping = free_port(), anyio.Event()
    with pytest.MonkeyPatch.context() as patch:
        for name, limit in limits.items():
            patch.setattr(f"entrypoints.api.middlewares.{name}", limit)
        app = create_app(api.container, stopping)
    async with anyio.create_task_group() as group:
        group.start_soon(partial(serve_app, app, "127.0.0.1", port, stopping, grace=0.1))
        await until_listening(port)
        yield port, stopping
        stopping.set()


def with_new_key(method: str, path: str, files: Any = None, **limits: int) -> Way:
    async def ask(api: ServedApi) -> httpx.Response:
        return await api.http.request(method, path, headers=await api.new_key("acme", **limits), files=files)

    return ask


async def without_the_scope(api: ServedApi) -> httpx.Response:
    return await api.submit_with(await api.new_key("acme", Permission.READ))


async def to_a_disabled_endpoint(api: ServedApi) -> httpx.Response:
    url = "https://app.example/gone"
    api.webhooks.disable("", url, "it answered 410")
    with api.container.webhooks.override(Object(Webhooks(api.webhooks, lambda _: None, has_secret=True))):
        return await api.submit(webhook=url)


async def sending_what_is_sent(api: ServedApi) -> httpx.Response:
    delivery = a_delivery(await a_job(api))
    api.webhooks.deliveries.append(delivery)
    return await api.http.post(f"/v1/jobs/{delivery.job_id}/deliveries/{delivery.id}/redeliver")


WAYS: Final[dict[Code, Way]] = {
    # routing
    "bad_request": get("/v1/proxy-audio"),
    "not_found": get("/v2/nothing"),
    "method_not_allowed": lambda api: api.http.put("/v1/create-moment"),
    "style_not_found": get("/v1/styles/polka/sample"),
    "host_not_allowed": get("/v1/styles", Host="rebound.example"),
    "cross_site_request": lambda api: api.http.post("/v1/create-moment", headers={"Sec-Fetch-Site": "cross-site"}),
    # keys
    "key_missing": get("/v1/jobs"),
    "key_invalid": get("/v1/styles", Authorization=f"Bearer {new_token()}"),
    "permission_missing": without_the_scope,
    "cursor_invalid": with_new_key("GET", "/v1/jobs?cursor=x"),
    "quota_exceeded": with_new_key("POST", "/v1/create-moment", files={"file": WAV}, moments=0),
    # new moments
    "form_invalid": lambda api: api.http.post("/v1/create-moment", content=b"hum"),
    "file_missing": form(song=WAV),
    "empty_upload": form(file=b""),
    "not_audio": form(file=b"hello, I am text"),
    "upload_too_large": form(file=bytes(MAX_UPLOAD_BYTES + 1)),
    "field_too_large": form(file=WAV, blueprint_json=(None, bytes(1 << 20))),
    "invalid_blueprint": form(file=WAV, blueprint_json=(None, "{")),
    "invalid_output_kind": form(file=WAV, output_kind=(None, "symphony")),
    "unknown_output_format": form(file=WAV, output_format=(None, "aiff")),
    "invalid_field": form(file=WAV, retention=(None, "forever")),
    "audio_url_not_allowed": lambda api: api.http.post("/v1/create-moment", json={"audio_url": "http://127.0.0.1/a"}),
    "audio_url_refused": of_a_missing_recording,
    "audio_url_unreachable": lambda api: api.http.post("/v1/create-moment", json={"audio_url": "http://a.invalid/a"}),
    "upload_not_found": upload(known=False),
    "upload_used": upload(used=True),
    "upload_incomplete": upload(),
    "priority_not_allowed": form(file=WAV, priority=(None, "high")),
    "unknown_artifact": form(file=WAV, artifacts=(None, "video")),
    "webhook_invalid": form(file=WAV, webhook=(None, "https://127.0.0.1/hooks")),
    "webhooks_not_configured": form(file=WAV, webhook=(None, "https://app.example/hooks")),
    "webhook_disabled": to_a_disabled_endpoint,
    "body_incomplete": raw(BROKEN_CHUNK),
    "request_too_slow": too_slow,
    "too_many_uploads": while_others_upload("192.0.2.1"),
    "too_many_requests": too_often,
    "too_many_waiting": while_jobs_wait("192.0.2.7", of_client=1),
    "queue_full": while_jobs_wait("192.0.2.7", of_all=1),
    "service_busy": while_others_upload("192.0.2.3", "192.0.2.4"),
    "idempotency_key_invalid": with_key("k" * 256),
    "idempotency_key_in_use": key_in_use,
    "idempotency_key_reused": key_reused,
    # jobs
    "job_not_found": get(f"/v1/jobs/{uuid4()}"),
    "not_retriable": with_a_job("POST", "/retry"),
    "job_stopping": stopping_too_slowly,
    "invalid_remix": with_a_job("POST", "/remix", content=b"{"),
    "remix_too_early": with_a_job("POST", "/remix", json={"style": "lofi"}),
    "not_remixable": with_a_job("POST", "/remix", JobStatus.CANCELLED, json={"style": "lofi"}),
    "format_unavailable": without_stems,
    "too_many_conversions": too_many_conversions,
    "conversion_failed": conversion_failed,
    "delivery_not_found": with_a_job("POST", f"/deliveries/{uuid4()}/redeliver"),
    "delivery_pending": sending_what_is_sent,
    "share_not_found": get("/m/none/audio"),
    "artifact_not_found": with_a_job("GET", "/audio?artifact=video"),
    "artifact_not_ready": with_a_job("GET", "/audio"),
    "too_many_streams": while_others_follow(CLIENTS[0]),
    "streams_busy": while_others_follow(*CLIENTS),
    "too_many_downloads": while_others_download(CLIENTS[0]),
    "downloads_busy": while_others_download(*CLIENTS),
    # objects
    "url_invalid": objects("GET", suffix="0"),
    "url_expired": objects("GET", later=timedelta(days=1)),
    "object_not_found": objects("GET", "job/nothing"),
    "object_too_large": objects("PUT"),
    "range_not_satisfiable": objects("GET"),
    # the service's own parts
    "database_unavailable": over_jobs_that_fail(DatabaseUnavailable("down")),
    "schema_outdated": over_jobs_that_fail(SchemaOutdated("old")),
    "job_unreadable": over_jobs_that_fail(JobUnreadable(UUID(int=1))),
    "internal_error": over_jobs_that_fail(RuntimeError("a slip")),
    "storage_unavailable": over_a_store_that_fails(StorageUnavailable("down")),
    "storage_denied": over_a_store_that_fails(StorageDenied("no")),
    "wrong_bucket": wrong_bucket,
    "service_stopping": while_it_stops,
}
"""How each code is met."""
