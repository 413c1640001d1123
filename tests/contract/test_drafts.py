"""What every store's drafts do: files that arrive before their key is known."""

import hashlib
import tempfile
import tracemalloc
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import anyio
import pytest
from starlette.requests import Request
from starlette.types import ASGIApp

from adapters.filesystem import FilesystemStore
from adapters.spaces import SpacesStore
from adapters.toolkit.arriving_files import BLOCK_SIZE
from application.ports.objects import Draft, ObjectStorage, StorageUnavailable
from application.ports.uploads import UPLOADS_PREFIX
from domain.jobs.artifacts import Artifact
from tests.contract.test_object_store import (
    MIB,
    Subject,
    filesystem,
    memory,
    noise,
    on_gateway,
    on_moto,
    store,
    subject,
)
from tests.support.full_disk import full_disk
from tests.support.s3 import S3Server, a_spaces_store, everything_in, files_under, with_a_bucket
from tests.support.s3_proxy import intercepted, s3_error

__all__ = ["filesystem", "memory", "on_gateway", "on_moto", "store", "subject"]

pytestmark = pytest.mark.anyio

SIZES = [0, 1, BLOCK_SIZE, BLOCK_SIZE + 1, 8 * MIB, 9 * MIB]
MANY = 40


async def filled(draft: Draft, size: int) -> bytes:
    """Write noise; return it."""
    pieces = [piece async for piece in noise(size)]
    for piece in pieces:
        await draft.write(piece)
    assert draft.size == size
    return b"".join(pieces)


@pytest.mark.parametrize("size", SIZES)
async def test_a_draft_is_read_and_stored_as_it_was_written(subject: Subject, size: int) -> None:
    draft = subject.store.draft()
    content = await filled(draft, size)
    for _ in range(2):
        assert b"".join([chunk async for chunk in draft.chunks()]) == content
    artifact = await draft.store("job/original", "audio/wav")
    await draft.discard()
    digest = hashlib.sha256(content).hexdigest()
    assert artifact == Artifact(key="job/original", size=size, mime_type="audio/wav", sha256=digest)
    stored = await subject.store.stat("job/original")
    assert (stored.size, stored.mime_type, stored.sha256 in {digest, ""}) == (size, "audio/wav", True)
    assert await subject.store.first_bytes(stored, 100) == content[:100]
    assert await subject.everything() == {"job/original"}


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_is_left_of_a_draft_that_is_discarded(subject: Subject, size: int) -> None:
    draft = subject.store.draft()
    await filled(draft, size)
    await draft.discard()
    assert await subject.everything() == set()


async def test_nothing_is_left_when_its_task_is_cancelled_in_the_middle(subject: Subject) -> None:
    draft = subject.store.draft()
    with anyio.CancelScope() as scope:
        try:
            await filled(draft, BLOCK_SIZE)
            scope.cancel()
            async for piece in noise(3 * MIB):
                await draft.write(piece)
            await anyio.sleep_forever()
        finally:
            await draft.discard()
    assert scope.cancelled_caught
    assert await subject.everything() == set()


async def test_what_a_killed_process_leaves_goes_with_old_uploads(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path, "http://localhost", b"secret", timedelta(hours=1))
    draft = store.draft()
    await filled(draft, MIB)
    await draft.settle()
    (listed,) = await store.list_page("", 10)
    assert listed.key.startswith(UPLOADS_PREFIX)
    await store.delete(listed.key)
    assert files_under(tmp_path) == set()
    await draft.discard()


async def test_nothing_is_in_the_bucket_before_the_whole_has_arrived(spaces: SpacesStore) -> None:
    draft = spaces.draft()
    await filled(draft, 9 * MIB)
    assert await everything_in(spaces) == set()
    await draft.discard()


@pytest.mark.parametrize("subject", ["filesystem", "on_moto"], indirect=True)
async def test_a_draft_that_waits_takes_less_than_a_megabyte(store: ObjectStorage) -> None:
    drafts = [store.draft() for _ in range(MANY)]
    tracemalloc.start(1)
    try:
        for draft in drafts:
            await filled(draft, 2 * MIB)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < MANY * MIB
    for draft in drafts:
        await draft.discard()


@pytest.mark.parametrize("subject", ["filesystem", "on_moto"], indirect=True)
async def test_a_disk_that_is_full_is_unavailable_and_keeps_nothing(subject: Subject) -> None:
    draft = subject.store.draft()
    with full_disk(BLOCK_SIZE // 2), pytest.raises(StorageUnavailable, match="not usable"):
        await filled(draft, 3 * MIB)
    with full_disk(BLOCK_SIZE // 2):
        await draft.discard()
    assert await subject.everything() == set()


@pytest.mark.parametrize("subject", ["filesystem", "on_moto"], indirect=True)
async def test_a_small_draft_needs_no_disk(subject: Subject) -> None:
    draft = subject.store.draft()
    with full_disk(0):
        content = await filled(draft, BLOCK_SIZE - 1)
        assert b"".join([chunk async for chunk in draft.chunks()]) == content
    await draft.discard()


async def test_without_a_folder_for_temporary_files_only_small_drafts_can_be(
    spaces: SpacesStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    draft = spaces.draft()
    await filled(draft, BLOCK_SIZE - 1)
    await draft.write(b"one more")
    with pytest.raises(StorageUnavailable, match="temporary files"):
        await draft.store("a", "audio/wav")
    await draft.discard()


async def test_a_folder_that_goes_with_its_last_object_comes_back(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path, "http://localhost", b"secret", timedelta(hours=1))

    async def go() -> None:
        for _ in range(30):
            key = f"{UPLOADS_PREFIX}{uuid4()}"
            await store.put(key, noise(10), "audio/wav")
            await store.delete(key)

    async def come() -> None:
        for number in range(30):
            draft = store.draft()
            await filled(draft, 10)
            await draft.store(f"job/{number}", "audio/wav")

    async with anyio.create_task_group() as group:
        group.start_soon(go)
        group.start_soon(come)
    assert len(files_under(tmp_path)) == 30


@pytest.mark.parametrize("size", [3 * MIB, 9 * MIB])
async def test_what_the_server_does_not_take_at_first_is_sent_again(moto: S3Server, size: int) -> None:
    asked: list[str] = []

    async def slow_down(request: Request) -> ASGIApp | None:
        asked.append(request.method)
        if request.method == "PUT" and request.url.path.endswith("/a") and asked.count("PUT") % 2:
            await request.body()
            return s3_error("SlowDown", 503)
        return None

    async with intercepted(moto, slow_down) as server, a_spaces_store(server) as client:
        store = await with_a_bucket(client)
        draft = store.draft()
        content = await filled(draft, size)
        await draft.store("a", "audio/wav")
        await draft.discard()
        found = await store._client.get_object(Bucket=store._bucket, Key="a")
        assert await found["Body"].read() == content
