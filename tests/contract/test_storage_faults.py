"""What goes wrong with storage, made to go wrong for real, in the words of the port."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream
from botocore.exceptions import EndpointConnectionError
from moto.s3.models import s3_backends

from adapters.filesystem import FilesystemStore
from adapters.spaces import SpacesStore
from application.byte_range import ByteRange
from application.ports import ObjectNotFound, ObjectStore, StorageDenied, StorageUnavailable
from tests.support.s3 import S3Server, a_spaces_store, everything_in, files_under, moto_server, with_a_bucket

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024
HOUR = timedelta(hours=1)


async def a_hum() -> AsyncIterator[bytes]:
    yield b"la la la"


async def a_long_hum() -> AsyncIterator[bytes]:
    for _ in range(20):
        yield bytes(MIB)


CALLS: dict[str, Callable[[ObjectStore], Awaitable[object]]] = {
    "put": lambda store: store.put("a", a_hum(), "audio/wav"),
    "put in parts": lambda store: store.put("a", a_long_hum(), "audio/wav"),
    "stat": lambda store: store.stat("a"),
    "delete": lambda store: store.delete("a"),
    "ping": lambda store: store.ping(),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


async def test_a_server_that_is_gone_is_unavailable() -> None:
    with moto_server() as server:
        pass

    async def expect(call: Callable[[ObjectStore], Awaitable[object]]) -> None:
        with pytest.raises(StorageUnavailable) as unavailable:
            await call(store)
        assert unavailable.value.__cause__ is not None

    async with a_spaces_store(server) as store, anyio.create_task_group() as group:
        for call in CALLS.values():
            group.start_soon(expect, call)


@asynccontextmanager
async def a_server_that_says(answer: bytes) -> AsyncIterator[tuple[S3Server, list[bytes]]]:
    """Answer every request with the same bytes, or with nothing at all; give the server and the requests it got."""
    requests: list[bytes] = []

    async def handle(connection: SocketStream) -> None:
        async with connection:
            requests.append(await connection.receive())
            await (connection.send(answer) if answer else anyio.sleep_forever())

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, handle)
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - anyio's, not Django's
        yield S3Server(f"http://127.0.0.1:{port}"), requests
        group.cancel_scope.cancel()


async def test_a_busy_server_is_asked_three_times_and_then_unavailable() -> None:
    body = b"<Error><Code>SlowDown</Code></Error>"
    answer = b"HTTP/1.1 503 Slow Down\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    async with a_server_that_says(answer) as (server, requests), a_spaces_store(server) as store:
        with pytest.raises(StorageUnavailable, match="SlowDown"):
            await store.put("a", a_hum(), "audio/wav")
    assert len(requests) == 3


async def test_a_server_that_never_answers_is_unavailable_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.spaces.store.CALL_SECONDS", 0.2)
    async with a_server_that_says(b"") as (server, _), a_spaces_store(server) as store:
        with pytest.raises(StorageUnavailable, match="TimeoutError"):
            await store.ping()


async def test_a_part_that_fails_leaves_nothing(moto_store: SpacesStore) -> None:
    def fail(request: Any, **_: object) -> None:
        if "partNumber=2" in request.url:
            raise EndpointConnectionError(endpoint_url="the cable that somebody pulled")

    moto_store._client.meta.events.register("before-send.s3.UploadPart", fail)
    with pytest.raises(StorageUnavailable, match="EndpointConnectionError") as unavailable:
        await moto_store.put("a", a_long_hum(), "audio/wav")
    assert isinstance(unavailable.value.__cause__, EndpointConnectionError)
    assert await everything_in(moto_store) == set()


@every_call
async def test_a_missing_bucket_is_denied(
    moto_store: SpacesStore, call: Callable[[ObjectStore], Awaitable[object]]
) -> None:
    await moto_store._client.delete_bucket(Bucket=moto_store._bucket)
    with pytest.raises(StorageDenied) as denied:
        await call(moto_store)
    assert denied.value.__cause__ is not None or denied.value.__context__ is not None


@every_call
@pytest.mark.container
async def test_wrong_credentials_are_denied(
    gateway_store: SpacesStore, gateway: S3Server, call: Callable[[ObjectStore], Awaitable[object]]
) -> None:
    async with a_spaces_store(gateway._replace(secret="wrong")) as impostor:
        impostor._bucket = gateway_store._bucket
        with pytest.raises(StorageDenied):
            await call(impostor)
    assert await everything_in(gateway_store) == set()


@pytest.mark.container
async def test_everything_works_over_tls(gateways: tuple[S3Server, S3Server], monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore's default checksums fail on Ceph over TLS, and only there."""
    _, server = gateways
    monkeypatch.setenv("AWS_CA_BUNDLE", server.authority)
    async with a_spaces_store(server) as client:
        store = await with_a_bucket(client)
        await store.put("small", a_hum(), "audio/wav")
        await store.put("large", a_long_hum(), "audio/wav")
        assert [(await store.stat(key)).size for key in ("small", "large")] == [8, 20 * MIB]
        assert await store.delete("small") == 1
        assert await everything_in(store) == {"large"}


async def test_deleting_drops_the_parts_that_a_crash_left(moto_store: SpacesStore) -> None:
    for key in ("job/1/final", "job/2/final"):
        await moto_store._client.create_multipart_upload(Bucket=moto_store._bucket, Key=key)
    assert await moto_store.delete("job/1/") == 0
    assert await everything_in(moto_store) == {"unfinished job/2/final"}


async def test_deleting_reads_every_page(moto_store: SpacesStore) -> None:
    for number in range(1003):
        s3_backends["123456789012"]["aws"].put_object(moto_store._bucket, f"job/{number}", b"")  # HTTP would take 15 s
    assert await moto_store.delete("job/") == 1003


async def test_deleting_drops_the_drafts_that_a_crash_left(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path, "http://localhost", b"secret", HOUR)
    for job in ("1", "2"):
        await store.put(f"job/{job}/hum", a_hum(), "audio/wav")
        (tmp_path / "job+" / f"{job}+" / "final+0123456789abcdef").touch()
    assert await store.delete("job/1/") == 1
    assert files_under(tmp_path) == {"job+/2+/hum", "job+/2+/final+0123456789abcdef"}
    assert await store.delete("job/2/final") == 0
    assert files_under(tmp_path) == {"job+/2+/hum"}


async def test_a_file_in_the_way_of_the_folder_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = FilesystemStore(tmp_path / "file", "http://localhost", b"secret", HOUR)
    for call in (CALLS["put"], CALLS["ping"]):
        with pytest.raises(StorageUnavailable):
            await call(store)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_folder_that_may_not_be_written_is_denied(tmp_path: Path) -> None:
    await anyio.Path(tmp_path).chmod(0o500)
    store = FilesystemStore(tmp_path, "http://localhost", b"secret", HOUR)
    for call in (CALLS["put"], CALLS["ping"]):
        with pytest.raises(StorageDenied):
            await call(store)


async def test_a_foreign_file_is_not_an_object(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path, "http://localhost", b"secret", HOUR)
    for content in (b"", b"la", bytes(100), b"x" * 5000 + b"\xff\xff\xff\xffMOM1"):
        (tmp_path / "foreign").write_bytes(content)
        with pytest.raises(ObjectNotFound):
            await store.stat("foreign")


@pytest.mark.parametrize(
    "key", ["", "/a", "a/", "a//b", "../a", "a/../b", "./a", "a\0b", "a+b", "a\n", "a\\b", "é", "a" * 129]
)
async def test_keys_that_are_not_ours_are_refused(tmp_path: Path, key: str) -> None:
    store = FilesystemStore(tmp_path / "root", "http://localhost", b"secret", HOUR)
    for call in (store.put(key, a_hum(), "audio/wav"), store.stat(key), store.sign_get(key), store.sign_put(key, "")):
        with pytest.raises(ValueError, match="not an object key"):
            await call
    assert not (tmp_path / "root").exists()


async def test_a_reader_keeps_what_it_began_to_read(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path, "http://localhost", b"secret", HOUR)
    artifact = await store.put("a", a_long_hum(), "audio/wav")
    reader = store.read(artifact, ByteRange(0, artifact.size))
    received = len(await anext(reader))
    await store.delete("a")
    async for piece in reader:
        received += len(piece)
    assert received == artifact.size
    with pytest.raises(ObjectNotFound):
        await anext(store.read(artifact, ByteRange(0, 1)))


async def test_a_reader_never_mixes_two_versions(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path, "http://localhost", b"secret", HOUR)
    before = await store.put("a", a_long_hum(), "audio/wav")
    await store.put("a", a_hum(), "audio/wav")
    with pytest.raises(ObjectNotFound):
        await anext(store.read(before, ByteRange(0, 1)))
