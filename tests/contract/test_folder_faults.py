"""What goes wrong with the embedded store's folder, made to go wrong for real, in the words of the port."""

import asyncio
import errno
import io
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from adapters.filesystem import FilesystemStore
from application.objects.byte_range import ByteRange
from application.ports.objects import ObjectNotFound, StorageDenied, StorageUnavailable
from application.upkeep.bucket_owner import BucketOwner
from application.worker.storage_probe import StorageProbe
from tests.support.fake_orphans import InMemoryOrphans
from tests.support.fake_queue import InMemoryJobs
from tests.support.fake_upkeep import InMemoryUpkeep
from tests.support.full_disk import full_disk
from tests.support.pipeline import now
from tests.support.s3 import files_under
from tests.support.storage_calls import CALLS, MIB, a_hum, a_long_hum

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
NOBODY = 65534


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


@contextmanager
def somebody_else(folder: Path) -> Iterator[None]:
    """Be an ordinary user while the block lasts: root may write anywhere. The folder can still be reached."""
    if os.geteuid() != 0:
        yield
        return
    for parent in (folder, *folder.parents)[:4]:
        parent.chmod(parent.stat().st_mode | 0o055)
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


async def test_a_folder_that_may_not_be_written_is_denied(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path / "objects", "http://localhost", b"secret", HOUR)
    await store.put("kept", a_hum(), "audio/wav")
    (tmp_path / "objects").chmod(0o555)
    (tmp_path / "objects" / "kept").chmod(0o444)  # objects are for their owner otherwise
    with somebody_else(tmp_path):
        for call in (CALLS["put"], CALLS["ping"], lambda store: store.delete("kept")):
            with pytest.raises(StorageDenied):
                await call(store)
        assert (await store.stat("kept")).size == 8


async def test_a_folder_whose_content_stays_keeps_no_other_from_being_deleted(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path / "objects", "http://localhost", b"secret", HOUR)
    for key in ("a/x", "b/x", "c/x"):
        await store.put(key, a_hum(), "audio/wav")
    (tmp_path / "objects").chmod(0o777)
    for folder, mode in (("a+", 0o777), ("b+", 0o555), ("c+", 0o777)):
        (tmp_path / "objects" / folder).chmod(mode)
    with somebody_else(tmp_path):
        failed = await store.delete_each(["a/", "b/", "c/"])
    assert {prefix: type(error) for prefix, error in failed.items()} == {"b/": StorageDenied}
    assert [stored.key for stored in await store.list_page("", 5)] == ["b/x"]


@pytest.mark.parametrize(
    ("call", "room"),
    [
        pytest.param("put in parts", 3 * MIB, id="in a block"),
        pytest.param("put", 4, id="in the last block"),
        pytest.param("put", 20, id="in the description"),
    ],
)
async def test_a_disk_that_is_full_is_unavailable_and_keeps_nothing(tmp_path: Path, call: str, room: int) -> None:
    store = FilesystemStore(tmp_path, "http://localhost", b"secret", HOUR)
    with full_disk(room), pytest.raises(StorageUnavailable, match="is not usable"):
        await CALLS[call](store)
    assert files_under(tmp_path) == set()


class FullAtItsEnd(io.BufferedWriter):
    """A file on a disk with quotas or behind a network: that it is full is only reported when the file is closed."""

    def close(self) -> None:
        if not self.closed:
            super().close()
            raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("call", ["put", "put in parts"])
async def test_a_disk_that_is_full_when_a_file_is_closed_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    store = FilesystemStore(tmp_path, "http://localhost", b"secret", HOUR)
    monkeypatch.setattr(Path, "open", lambda path, mode: FullAtItsEnd(io.FileIO(path, mode.removesuffix("b"))))
    with pytest.raises(StorageUnavailable, match="No space left on device"):
        await CALLS[call](store)
    assert files_under(tmp_path) == set()


async def test_a_failed_commit_does_not_affect_others_of_its_batch(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path, "http://localhost", b"secret", HOUR)
    (tmp_path / "blocked+").touch()  # where a folder should be
    keys = [f"{folder}/{number}" for number in range(20) for folder in ("fine", "blocked")]
    puts = (store.put(key, a_hum(), "audio/wav") for key in keys)
    ended = dict(zip(keys, await asyncio.gather(*puts, return_exceptions=True), strict=True))
    for key in keys:
        if key.startswith("fine"):
            assert ended[key] == await store.stat(key)
        else:
            assert isinstance(ended[key], StorageUnavailable)
    assert files_under(tmp_path) == {f"fine+/{number}" for number in range(20)} | {"blocked+"}


async def test_an_unexpected_error_does_not_write_other_objects_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FilesystemStore(tmp_path, "http://localhost", b"secret", HOUR)
    to_disk, errors = os.fsync, iter([RuntimeError("odd")])

    def odd_in_the_middle(file: int) -> None:
        if len(files_under(tmp_path)) == 3 and (error := next(errors, None)):
            raise error
        to_disk(file)

    monkeypatch.setattr(os, "fsync", odd_in_the_middle)
    puts = (store.put(f"hum/{number}", a_hum(), "audio/wav") for number in range(6))
    ended = await asyncio.gather(*puts, return_exceptions=True)
    assert [type(end) for end in ended].count(RuntimeError) == 1
    assert {(await store.stat(f"hum/{name.removeprefix('hum+/')}")).size for name in files_under(tmp_path)} == {8}
    assert len(files_under(tmp_path)) == 5


async def test_who_gives_up_while_the_disk_is_slow_leaves_no_draft_and_nothing_to_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FilesystemStore(tmp_path, "http://localhost", b"secret", HOUR)
    to_disk, syncing = os.fsync, threading.Event()

    def slowly(file: int) -> None:
        syncing.set()
        time.sleep(0.05)
        to_disk(file)

    monkeypatch.setattr(os, "fsync", slowly)
    async with anyio.create_task_group() as puts:
        for number in range(6):
            puts.start_soon(store.put, f"hum/{number}", a_hum(), "audio/wav")
        await anyio.to_thread.run_sync(syncing.wait)
        assert any("+" in name.removeprefix("hum+/") for name in files_under(tmp_path))
        puts.cancel_scope.cancel()
    left = files_under(tmp_path)
    for name in left:
        assert (await store.stat(f"hum/{name.removeprefix('hum+/')}")).size == 8
    await anyio.sleep(0.5)
    assert files_under(tmp_path) == left


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


async def test_workers_that_try_the_folder_at_the_same_time_do_not_fail_each_other(tmp_path: Path) -> None:
    async def work() -> None:
        store = FilesystemStore(tmp_path, "http://localhost", b"secret", HOUR)
        probe = StorageProbe(
            store, BucketOwner(InMemoryUpkeep(InMemoryJobs(), now), InMemoryOrphans(now), store, store)
        )
        for _ in range(50):
            await probe()

    async with anyio.create_task_group() as workers:
        for _ in range(4):
            workers.start_soon(work)
