"""What goes wrong with storage, made to go wrong for real, in the words of the port."""

import ssl
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO

import anyio
import httpx
import pytest
from aiobotocore.config import AioConfig
from botocore.exceptions import ClientError
from moto.s3.models import s3_backends
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.spaces import SpacesStore
from adapters.spaces.batch_deletion import AT_ONCE
from adapters.spaces.connections import session
from adapters.spaces.transfers import TRANSFERS, Transfers
from application.ports.objects import StorageDenied, StorageUnavailable
from tests.support.raw_server import raw_server, slow_server
from tests.support.s3 import S3Server, a_spaces_store, everything_in, moto_server, with_a_bucket
from tests.support.s3_proxy import drop, hang, intercepted, s3_error, without_uploads
from tests.support.serving import serving
from tests.support.storage_calls import CALLS, MIB, Call, a_hum, a_long_hum

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)


every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


async def test_a_server_that_is_gone_is_unavailable() -> None:
    with moto_server() as server:
        pass

    async def expect(call: Call) -> None:
        with pytest.raises(StorageUnavailable) as unavailable:
            await call(store)
        assert unavailable.value.__cause__ is not None

    async with a_spaces_store(server) as store, anyio.create_task_group() as group:
        for call in CALLS.values():
            group.start_soon(expect, call)


def http_answer(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d No\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


def error_answer(status: int, code: str) -> bytes:
    return http_answer(status, f"<Error><Code>{code}</Code></Error>".encode())


async def test_a_busy_server_is_asked_three_times_and_then_unavailable() -> None:
    async with raw_server(error_answer(503, "SlowDown")) as (port, requests), a_spaces_store(at(port)) as store:
        with pytest.raises(StorageUnavailable, match="SlowDown"):
            await store.put("a", a_hum(), "audio/wav")
    assert len(requests) == 3


async def test_a_server_that_is_busy_now_and_then_is_retried(moto: S3Server) -> None:
    asked: list[str] = []

    async def slow_down(request: Request) -> ASGIApp | None:
        asked.append(f"{request.method} {request.url.query}")
        return s3_error("SlowDown", 503) if len(asked) % 3 == 0 else None

    async with intercepted(moto, slow_down) as server, a_spaces_store(server) as client:
        store = await with_a_bucket(client)
        await store.put("a", a_long_hum(), "audio/wav")
        assert (await store.stat("a")).size == 20 * MIB
        assert await everything_in(store) == {"a"}
    assert len(asked) > len(set(asked))  # some were sent again


async def test_a_server_that_never_answers_is_unavailable_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.spaces.store.CALL_SECONDS", 0.2)
    async with raw_server(b"") as (port, _), a_spaces_store(at(port)) as store:
        with pytest.raises(StorageUnavailable, match="TimeoutError"):
            await store.ping()


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (301, "PermanentRedirect", StorageDenied),
        (302, "Found", StorageDenied),
        (307, "TemporaryRedirect", StorageDenied),
        (308, "Moved", StorageDenied),
        (400, "AuthorizationHeaderMalformed", StorageDenied),
        (400, "InvalidBucketName", StorageDenied),
        (403, "AccessDenied", StorageDenied),
        (403, "QuotaExceeded", StorageDenied),
        (404, "NoSuchBucket", StorageDenied),
        (405, "MethodNotAllowed", StorageDenied),
        (400, "RequestTimeout", StorageUnavailable),
        (409, "OperationAborted", StorageUnavailable),
        (429, "TooManyRequests", StorageUnavailable),
        (500, "InternalError", StorageUnavailable),
        (507, "InsufficientCapacity", StorageUnavailable),
    ],
)
async def test_the_response_decides_whether_a_retry_can_help(status: int, code: str, error: type[Exception]) -> None:
    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await s3_error(code, status)(scope, receive, send)

    async with serving(refuse) as base, a_spaces_store(S3Server(base)) as store:
        with pytest.raises(error, match=code):
            await store.list_page("", 1)
        if status < 400:
            with pytest.raises(error, match=str(status)):
                await store.ping()  # the answer to a HEAD has nothing but its status


@pytest.mark.parametrize("answer", [http_answer(200, b"<half"), http_answer(200, b"la")[:-1], b"la\r\n\r\n"])
async def test_an_invalid_response_is_unavailable(answer: bytes) -> None:
    async with raw_server(answer) as (port, _), a_spaces_store(at(port)) as store:
        with pytest.raises(StorageUnavailable) as unavailable:
            await store.list_page("", 1)
    assert unavailable.value.__cause__ is not None


def at(port: int) -> S3Server:
    return S3Server(f"http://127.0.0.1:{port}")


@every_call
async def test_a_name_that_no_bucket_has_is_denied(moto_store: SpacesStore, call: Call) -> None:
    with pytest.raises(StorageDenied):
        await call(SpacesStore(moto_store._client, "no bucket!", HOUR))


class Meddler:
    """Does something to the second part of an upload, and leaves the rest alone."""

    def __init__(self, answer: ASGIApp) -> None:
        self._answer = answer

    async def __call__(self, request: Request) -> ASGIApp | None:
        return self._answer if request.query_params.get("partNumber") == "2" else None


async def test_a_connection_that_breaks_under_a_part_leaves_nothing(moto: S3Server) -> None:
    async with intercepted(moto, Meddler(drop)) as server, a_spaces_store(server) as client:
        store = await with_a_bucket(client)
        with pytest.raises(StorageUnavailable, match="did not respond") as unavailable:
            await store.put("a", a_long_hum(), "audio/wav")
        assert unavailable.value.__cause__ is not None
        assert await everything_in(store) == set()


async def test_a_server_that_stalls_in_the_middle_of_a_part_leaves_nothing(
    moto: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the part's first bytes and then no more, so that sending blocks."""
    monkeypatch.setattr("adapters.spaces.transfers.STALL_SECONDS", 2.0)
    async with intercepted(moto, Meddler(hang)) as server, a_spaces_store(server) as client:
        store = await with_a_bucket(client)
        with pytest.raises(StorageUnavailable, match="TimeoutError"):
            await store.put("a", a_long_hum(), "audio/wav")
        assert await everything_in(store) == set()


async def test_a_store_that_stalls_is_left_alone_by_the_uploads_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.spaces.transfers.STALL_SECONDS", 1.0)

    async def upload(number: int) -> None:
        with pytest.raises(StorageUnavailable):
            await store.put(f"a/{number}", a_hum(), "audio/wav")

    async with raw_server(b"") as (port, requests), a_spaces_store(at(port)) as store:
        async with anyio.create_task_group() as uploads:
            for number in range(4 * TRANSFERS):
                uploads.start_soon(upload, number)
        assert len(requests) == TRANSFERS


async def test_a_slow_line_is_no_stall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.spaces.transfers.STALL_SECONDS", stall := 2.0)

    async def a_hum_of_seconds() -> AsyncIterator[bytes]:
        for _ in range(6):
            yield bytes(MIB)

    async with slow_server(MIB) as port, a_spaces_store(at(port)) as store:
        began = anyio.current_time()
        assert (await store.put("a", a_hum_of_seconds(), "audio/wav")).size == 6 * MIB
        assert anyio.current_time() - began > 2 * stall


async def test_a_busy_store_that_answers_keeps_nobody_from_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.spaces.transfers.STALL_SECONDS", stall := 2.0)

    async def take_a_while(**_: object) -> None:
        await anyio.sleep(stall * 0.4)

    transfers, began = Transfers(), anyio.current_time()
    async with anyio.create_task_group() as uploads:
        for _ in range(4 * TRANSFERS):
            uploads.start_soon(transfers.send, take_a_while, BytesIO(b"la"))
    assert anyio.current_time() - began > stall


async def test_a_rejected_part_is_reported_even_when_the_abort_fails(moto: S3Server) -> None:
    async def refuse(request: Request) -> ASGIApp | None:
        if request.method == "DELETE":
            return s3_error("InternalError", 500)
        return await Meddler(s3_error("AccessDenied", 403))(request)

    async with intercepted(moto, refuse) as server, a_spaces_store(server) as client:
        store = await with_a_bucket(client)
        with pytest.raises(StorageDenied, match="AccessDenied"):
            await store.put("a", a_long_hum(), "audio/wav")


async def test_an_object_that_the_server_does_not_delete_is_reported(moto: S3Server) -> None:
    refusal = b"<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code></Error></DeleteResult>"

    async def keep(request: Request) -> ASGIApp | None:
        return Response(refusal, media_type="application/xml") if "delete" in request.query_params else None

    async with intercepted(moto, keep) as server, a_spaces_store(server) as client:
        store = await with_a_bucket(client)
        await store.put("a", a_hum(), "audio/wav")
        with pytest.raises(StorageUnavailable, match="AccessDenied"):
            await store.delete("a")
        await store.put("b", a_hum(), "audio/wav")
        failed = await store.delete_each(["a", "b"])
        assert {prefix: str(error) for prefix, error in failed.items()} == {
            "a": "the object store failed to delete an object: AccessDenied"
        }


async def test_a_prefix_that_cannot_be_listed_keeps_no_other_from_being_deleted(moto: S3Server) -> None:
    async def refuse(request: Request) -> ASGIApp | None:
        return s3_error("AccessDenied", 403) if request.query_params.get("prefix") == "b/" else None

    async with intercepted(moto, refuse) as server, a_spaces_store(server) as client:
        store = await with_a_bucket(client)
        for key in ("a/x", "b/x", "c/x"):
            await store.put(key, a_hum(), "audio/wav")
        assert {prefix: type(error) for prefix, error in (await store.delete_each(["a/", "b/", "c/"])).items()} == {
            "b/": StorageDenied
        }
        assert await everything_in(store) == {"b/x"}


async def test_a_store_that_lists_nothing_is_not_asked_for_every_prefix(moto: S3Server) -> None:
    asked = list[str]()

    async def refuse(request: Request) -> ASGIApp | None:
        asked.append(request.query_params.get("prefix", ""))
        return s3_error("AccessDenied", 403)

    async with intercepted(moto, refuse) as server, a_spaces_store(server) as store:
        prefixes = [f"{number}/" for number in range(200)]
        assert (await store.delete_each(prefixes)).keys() == set(prefixes)
        assert len(asked) <= 2 * AT_ONCE


async def test_an_upload_that_was_dropped_by_somebody_else_meanwhile_is_no_fault(moto: S3Server) -> None:
    async def drop_first(request: Request) -> ASGIApp | None:
        if request.method == "DELETE" and "uploadId" in request.query_params:
            await client._client.abort_multipart_upload(
                Bucket=store._bucket, Key="a", UploadId=request.query_params["uploadId"]
            )
        return None

    async with (
        intercepted(moto, drop_first) as server,
        a_spaces_store(server) as meddled_client,
        a_spaces_store(moto) as client,
    ):
        store = await with_a_bucket(client)
        await client._client.create_multipart_upload(Bucket=store._bucket, Key="a")
        assert await SpacesStore(meddled_client._client, store._bucket, HOUR).delete("a") == 0
        assert await everything_in(store) == set()


@every_call
async def test_a_missing_bucket_is_denied(moto_store: SpacesStore, call: Call) -> None:
    await moto_store._client.delete_bucket(Bucket=moto_store._bucket)
    with pytest.raises(StorageDenied) as denied:
        await call(moto_store)
    assert denied.value.__cause__ is not None or denied.value.__context__ is not None


@every_call
@pytest.mark.container
async def test_wrong_credentials_are_denied(gateway_store: SpacesStore, gateway: S3Server, call: Call) -> None:
    async with a_spaces_store(gateway._replace(secret="wrong")) as impostor:
        impostor._bucket = gateway_store._bucket
        with pytest.raises(StorageDenied):
            await call(impostor)
    assert await everything_in(gateway_store) == set()


@pytest.mark.container
async def test_everything_works_over_tls(gateways: tuple[S3Server, S3Server], monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore's default checksums fail on Ceph over TLS, and only there."""
    _, server = gateways
    monkeypatch.setenv("SSL_CERT_FILE", server.authority)
    async with a_spaces_store(server) as client:
        store = await with_a_bucket(client)
        await store.put("small", a_hum(), "audio/wav")
        await store.put("large", a_long_hum(), "audio/wav")
        assert [(await store.stat(key)).size for key in ("small", "large")] == [8, 20 * MIB]
        assert await store.delete("small") == 1
        assert await everything_in(store) == {"large"}


@pytest.mark.container
async def test_the_librarys_usual_checksums_would_fail_over_tls(
    gateways: tuple[S3Server, S3Server], gateway_store: SpacesStore
) -> None:
    """Why they are off: over plain HTTP nothing would show it."""
    plain, tls = gateways
    seen = {}
    for server in (plain, tls):
        keys = {"aws_access_key_id": server.key, "aws_secret_access_key": server.secret, "region_name": "us-east-1"}
        config = AioConfig(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
        async with session().create_client(
            "s3", endpoint_url=server.endpoint, verify=tls.authority, config=config, **keys
        ) as client:
            try:
                await client.put_object(Bucket=gateway_store._bucket, Key="a", Body=BytesIO(b"la"))
            except ClientError as error:
                seen[server.endpoint] = error.response["Error"]["Code"]
    assert seen == {tls.endpoint: "MissingContentLength"}


@pytest.mark.container
async def test_signed_urls_work_over_tls(
    gateways: tuple[S3Server, S3Server], gateway_store: SpacesStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, server = gateways
    monkeypatch.setenv("SSL_CERT_FILE", server.authority)
    trusted = ssl.create_default_context(cafile=server.authority)
    async with a_spaces_store(server) as client, httpx.AsyncClient(verify=trusted) as http:
        store = SpacesStore(client._client, gateway_store._bucket, HOUR)
        url = await store.sign_put("a", "audio/wav")
        put = await http.put(url, content=bytes(10 * MIB), headers={"Content-Type": "audio/wav"})
        got = await http.get(await store.sign_get("a"))
    assert (put.status_code, got.status_code, len(got.content)) == (200, 200, 10 * MIB)


@pytest.mark.container
async def test_a_certificate_that_is_not_trusted_is_unavailable(gateways: tuple[S3Server, S3Server]) -> None:
    _, server = gateways
    async with a_spaces_store(server) as store:
        with pytest.raises(StorageUnavailable, match="SSLError"):
            await store.ping()


async def test_deleting_drops_the_parts_that_a_crash_left(spaces: SpacesStore) -> None:
    for key in ("job/1/final", "job/2/final"):
        await spaces._client.create_multipart_upload(Bucket=spaces._bucket, Key=key)
    assert await spaces.delete("job/1/") == 0
    assert await everything_in(spaces) == {"unfinished job/2/final"}


async def test_deleting_many_takes_few_requests(moto: S3Server, moto_store: SpacesStore) -> None:
    requests = Counter[str]()

    async def count(request: Request) -> ASGIApp | None:
        kind = next((it for it in ("delete", "uploads", "prefix") if it in request.query_params), "other")
        requests[kind] += 1
        return None

    for number in range(1001):
        s3_backends["123456789012"]["aws"].put_object(moto_store._bucket, f"job-{number % 20}/{number}", b"")
    for number in range(1001):
        s3_backends["123456789012"]["aws"].put_object(moto_store._bucket, f"many/{number}", b"")
    async with intercepted(moto, count) as server, a_spaces_store(server) as client:
        store = SpacesStore(client._client, moto_store._bucket, HOUR)
        assert await store.delete_each([*(f"job-{number}/" for number in range(20)), "many/"]) == {}
    assert await everything_in(moto_store) == set()
    assert requests == {"prefix": 23, "delete": 4, "uploads": 1}


async def test_deleting_reads_every_page(moto_store: SpacesStore) -> None:
    for number in range(1003):
        s3_backends["123456789012"]["aws"].put_object(moto_store._bucket, f"job/{number}", b"")  # HTTP would take 15 s
    assert await moto_store.delete("job/") == 1003


@pytest.mark.parametrize(
    ("code", "status"), [("NotImplemented", 501), ("AccessDenied", 403), ("MethodNotAllowed", 405)]
)
async def test_a_server_that_lists_no_uploads_is_swept_and_cleaned(
    moto: S3Server, moto_store: SpacesStore, code: str, status: int
) -> None:
    async with intercepted(moto, without_uploads(code, status)) as server, a_spaces_store(server) as client:
        store = SpacesStore(client._client, moto_store._bucket, HOUR)
        await store.put("jobs/a", a_hum(), "audio/wav")
        assert [found.key for found in await store.list_page("", 10)] == ["jobs/a"]
        assert await store.delete("jobs/") == 1
        assert not await store.lists_uploads()
    assert await moto_store.lists_uploads()


async def test_another_error_of_that_list_is_one(moto: S3Server, moto_store: SpacesStore) -> None:
    async with intercepted(moto, without_uploads("NoSuchBucket", 404)) as server, a_spaces_store(server) as client:
        store = SpacesStore(client._client, moto_store._bucket, HOUR)
        with pytest.raises(StorageDenied):
            await store.list_page("", 10)
