"""What every object store does, whichever it is."""

import errno
import hashlib
import os
import random
import stat
import tracemalloc
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import anyio
import httpx
import msgspec
import pytest

from adapters.filesystem import FilesystemStore
from adapters.filesystem.listing import Listing
from adapters.spaces import SpacesStore
from application.ports.objects import Chunks, ObjectNotFound, ObjectStorage
from domain.jobs.artifacts import Artifact
from tests.support.fake_store import InMemoryStore
from tests.support.s3 import everything_in, files_under

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024
SECRET = b"a secret of the tests"


class Subject(NamedTuple):
    """A store under test, and a way to see all that it holds, unfinished things included."""

    store: ObjectStorage
    everything: Callable[[], Awaitable[set[str]]]


@pytest.fixture
def memory() -> Subject:
    fake = InMemoryStore()

    async def keys() -> set[str]:
        return set(fake.objects)

    return Subject(fake, keys)


@pytest.fixture
def filesystem(tmp_path: Path) -> Subject:
    async def files() -> set[str]:
        return {name.replace("+/", "/") for name in files_under(tmp_path)}

    return Subject(FilesystemStore(tmp_path, "http://localhost", SECRET, timedelta(hours=1)), files)


@pytest.fixture
def on_moto(moto_store: SpacesStore) -> Subject:
    return Subject(moto_store, lambda: everything_in(moto_store))


@pytest.fixture
def on_gateway(gateway_store: SpacesStore) -> Subject:
    return Subject(gateway_store, lambda: everything_in(gateway_store))


GATEWAY = pytest.param("on_gateway", marks=pytest.mark.container)


@pytest.fixture(params=["memory", "filesystem", "on_moto", GATEWAY])
def subject(request: pytest.FixtureRequest) -> Subject:
    found: Subject = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def store(subject: Subject) -> ObjectStorage:
    return subject.store


async def stream(*chunks: bytes) -> Chunks:
    for chunk in chunks:
        yield chunk


async def noise(size: int, seed: int = 1) -> Chunks:
    """Give random bytes in odd pieces, never more than 100 kB at once."""
    chance = random.Random(seed)  # noqa: S311 - seeded test data
    while size:
        chunk = chance.randbytes(min(size, 99_991))
        size -= len(chunk)
        yield chunk


class Broken(Exception):
    """The sender went away."""


async def breaking_off(size: int) -> Chunks:
    async for chunk in noise(size):
        yield chunk
    raise Broken


async def sha256_of(chunks: Chunks) -> str:
    digest = hashlib.sha256()
    async for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


async def test_what_was_put_is_described(store: ObjectStorage) -> None:
    artifact = await store.put("job/1/hum.wav", stream(b"la ", b"", b"la la"), "audio/wav")
    digest = hashlib.sha256(b"la la la").hexdigest()
    assert artifact == Artifact(key="job/1/hum.wav", size=8, mime_type="audio/wav", sha256=digest)
    assert await store.stat("job/1/hum.wav") == artifact


async def test_an_empty_stream_is_an_empty_object(store: ObjectStorage) -> None:
    artifact = await store.put("empty", stream(), "audio/mpeg")
    assert artifact == Artifact(key="empty", size=0, mime_type="audio/mpeg", sha256=hashlib.sha256(b"").hexdigest())
    assert await store.stat("empty") == artifact


@pytest.mark.parametrize("size", [8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 20 * MIB])
async def test_large_objects_arrive_whole(subject: Subject, size: int) -> None:
    artifact = await subject.store.put("large", noise(size), "audio/wav")
    stored = await subject.store.stat("large")
    assert artifact.size == stored.size == size
    assert artifact.sha256 == await sha256_of(noise(size))
    assert stored.sha256 in {artifact.sha256, ""}
    assert stored.mime_type == "audio/wav"
    assert await subject.everything() == {"large"}


@pytest.mark.parametrize("size", [0, 1, 9 * MIB, 20 * MIB])
async def test_a_stream_that_fails_leaves_nothing_and_its_error_comes_through(subject: Subject, size: int) -> None:
    with pytest.raises(Broken):
        await subject.store.put("broken", breaking_off(size), "audio/wav")
    assert await subject.everything() == set()


@pytest.mark.parametrize("size", [0, 1, 9 * MIB, 20 * MIB])
async def test_a_put_that_is_cancelled_leaves_nothing(subject: Subject, size: int) -> None:
    async def stalling() -> Chunks:
        async for chunk in noise(size):
            yield chunk
        scope.cancel()
        await anyio.sleep_forever()

    with anyio.CancelScope() as scope:
        await subject.store.put("cancelled", stalling(), "audio/wav")
    assert scope.cancelled_caught
    assert await subject.everything() == set()


async def test_a_failed_put_leaves_what_was_there(store: ObjectStorage) -> None:
    before = await store.put("kept", stream(b"before"), "audio/wav")
    with pytest.raises(Broken):
        await store.put("kept", breaking_off(MIB), "audio/flac")
    assert await store.stat("kept") == before


async def test_putting_again_replaces_content_and_type(store: ObjectStorage) -> None:
    await store.put("twice", stream(b"the first, longer one"), "audio/wav")
    second = await store.put("twice", stream(b"second"), "audio/flac")
    assert await store.stat("twice") == second


async def test_concurrent_writers_leave_one_whole_object(subject: Subject) -> None:
    written: list[Artifact] = []

    async def write(seed: int) -> None:
        written.append(await subject.store.put("contested", noise(MIB + seed, seed), f"audio/{seed}"))

    async with anyio.create_task_group() as group:
        for seed in range(5):
            group.start_soon(write, seed)
    assert await subject.store.stat("contested") in written
    assert await subject.everything() == {"contested"}


@pytest.mark.parametrize(("content", "begins"), [(b"", b""), (b"la", b"la"), (b"la la la", b"la l")])
async def test_the_beginning_of_an_object_can_be_read(store: ObjectStorage, content: bytes, begins: bytes) -> None:
    artifact = await store.put("job/original", stream(content), "audio/wav")
    assert await store.first_bytes(artifact, 4) == begins
    with pytest.raises(ObjectNotFound):
        await store.first_bytes(msgspec.structs.replace(artifact, key="job/other", size=8), 4)


async def test_a_copy_outlives_its_source_and_the_other_way_round(subject: Subject) -> None:
    store = subject.store
    source = await store.put("job/original", stream(b"la la"), "audio/wav")
    await store.copy("job/original", "job2/1/original")
    await store.copy("job/original", "job3/original")
    copied = await store.stat("job2/1/original")
    assert copied == msgspec.structs.replace(source, key="job2/1/original")
    await store.delete("job/")
    await store.delete("job3/")
    assert await store.stat("job2/1/original") == copied
    assert await subject.everything() == {"job2/1/original"}
    (listed,) = await store.list_page("", 10)
    assert abs(datetime.now(UTC) - listed.modified_at) < timedelta(minutes=2)


async def test_a_copy_replaces_what_was_there(subject: Subject) -> None:
    store = subject.store
    await store.put("a", stream(b"new"), "audio/wav")
    await store.put("b", stream(b"the old one"), "audio/flac")
    for _ in range(2):
        await store.copy("a", "b")
        copied = await store.stat("b")
        assert (copied.size, copied.mime_type) == (3, "audio/wav")
    await store.put("a", stream(b"newer"), "audio/wav")
    assert (await store.stat("b")).size == 3
    assert await subject.everything() == {"a", "b"}


async def test_an_object_of_many_parts_can_be_copied(store: ObjectStorage) -> None:
    artifact = await store.put("large", noise(9 * MIB), "audio/wav")
    await store.copy("large", "copy")
    copied = await store.stat("copy")
    assert (copied.size, copied.mime_type) == (artifact.size, "audio/wav")
    assert copied.sha256 in {artifact.sha256, ""}


async def test_what_is_not_there_cannot_be_copied(subject: Subject) -> None:
    with pytest.raises(ObjectNotFound):
        await subject.store.copy("job/original", "job2/original")
    assert await subject.everything() == set()


async def test_a_folder_without_links_is_copied_byte_by_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    store = FilesystemStore(tmp_path, "http://localhost", SECRET, timedelta(hours=1))
    artifact = await store.put("a", stream(b"la"), "audio/wav")
    await store.copy("a", "b")
    await store.delete("a")
    assert await store.stat("b") == msgspec.structs.replace(artifact, key="b")
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600


async def test_what_is_not_there_is_not_found(store: ObjectStorage) -> None:
    await store.put("job/1/hum.wav", stream(b"la"), "audio/wav")
    for key in ("job/1/hum", "job/1", "job", "job/1/hum.wav/more"):
        with pytest.raises(ObjectNotFound):
            await store.stat(key)


async def test_a_key_may_be_the_beginning_of_another(store: ObjectStorage) -> None:
    short = await store.put("job", stream(b"short"), "audio/wav")
    long = await store.put("job/1", stream(b"long"), "audio/wav")
    assert [await store.stat("job"), await store.stat("job/1")] == [short, long]


async def test_deleting_takes_the_prefix_and_nothing_else(subject: Subject) -> None:
    for key in ("ab/1/x", "ab/1/y", "ab/2/x", "ab", "abc/x", "a/x", "b/ab/x"):
        await subject.store.put(key, stream(b"la"), "audio/wav")
    assert await subject.store.delete("ab/1/") == 2
    assert await subject.everything() == {"ab/2/x", "ab", "abc/x", "a/x", "b/ab/x"}
    assert await subject.store.delete("ab") == 3
    assert await subject.everything() == {"a/x", "b/ab/x"}
    assert await subject.store.delete("ab") == 0


async def test_the_empty_prefix_is_refused(subject: Subject) -> None:
    await subject.store.put("kept", stream(b"la"), "audio/wav")
    with pytest.raises(ValueError, match="empty prefix"):
        await subject.store.delete("")
    with pytest.raises(ValueError, match="empty prefix"):
        await subject.store.delete_each(["kept", ""])
    assert await subject.everything() == {"kept"}


async def test_many_prefixes_are_deleted_at_once_and_nothing_else(subject: Subject) -> None:
    gone = {f"job-{job}/{name}" for job in range(20) for name in ("1/x", "1/y", "original")} | {"up/a", "up/ab", "up/c"}
    kept = {"up/b", "job-1x/original", "job/1", "abc/x"}
    for key in gone | kept:
        await subject.store.put(key, stream(b"la"), "audio/wav")
    prefixes = [*(f"job-{job}/" for job in range(20)), "up/a", "up/ab", "up/c", "nothing/"]
    assert await subject.store.delete_each(prefixes) == {}
    assert await subject.everything() == kept
    assert await subject.store.delete_each([]) == {}


async def in_pages(store: ObjectStorage, limit: int) -> list[str]:
    """Read the whole listing; every page but the last is full."""
    keys: list[str] = []
    while page := await store.list_page(keys[-1] if keys else "", limit):
        keys += [stored.key for stored in page]
        assert len(page) <= limit
        if len(page) < limit:
            break
    return keys


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_the_pages_of_a_listing_hold_every_key_once(store: ObjectStorage, limit: int) -> None:
    keys = ["ab", "ab/1/x", "ab/1/y", "ab/2/x", "ab-c/x", "abc/x", "b"]
    assert await store.list_page("", limit) == []
    for key in reversed(keys):
        await store.put(key, stream(b"la"), "audio/wav")
    listed = await in_pages(store, limit)
    assert sorted(listed) == sorted(keys)
    await store.delete(listed[0])
    assert [stored.key for stored in await store.list_page(listed[0], 1)] == [
        next(key for key in listed if not key.startswith(listed[0]))
    ]


@pytest.mark.parametrize("remembered", [2, 3, 100])
@pytest.mark.parametrize("limit", [1, 2, 5])
async def test_the_folder_is_listed_by_parts_of_its_names(tmp_path: Path, remembered: int, limit: int) -> None:
    store = FilesystemStore(tmp_path, "http://localhost", SECRET, timedelta(hours=1))
    keys = [f"{job}/{name}" for job in "cbadfe" for name in ("2/y", "1/x", "original")] + ["a", "g"]
    for key in keys:
        await store.put(key, stream(b"la"), "audio/wav")
    listing, listed = Listing(tmp_path, remembered), list[str]()
    while page := listing.page(listed[-1] if listed else "", limit):
        listed += [stored.key for stored in page]
        listing.page("b/", 2)  # somebody else's
    assert sorted(listed) == sorted(keys)
    assert [key.partition("/")[0] for key in listed] == sorted(key.partition("/")[0] for key in keys)


async def test_what_vanishes_while_the_folder_is_listed_is_passed_over(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path, "http://localhost", SECRET, timedelta(hours=1))
    for job in "abcd":
        await store.put(f"{job}/original", stream(b"la"), "audio/wav")
    assert [stored.key for stored in await store.list_page("", 1)] == ["a/original"]
    await store.delete_each(["a/", "b/", "c/"])
    assert [stored.key for stored in await store.list_page("a/original", 5)] == ["d/original"]


async def test_a_listing_has_the_time_of_writing(store: ObjectStorage) -> None:
    await store.put("job/1/x", stream(b"la"), "audio/wav")
    (stored,) = await store.list_page("", 10)
    assert stored.key == "job/1/x"
    assert abs(datetime.now(UTC) - stored.modified_at) < timedelta(minutes=2)


async def test_what_a_crash_left_in_the_folder_is_listed_and_goes_with_its_key(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path, "http://localhost", SECRET, timedelta(hours=1))
    await store.put("job/1/x", stream(b"la"), "audio/wav")
    (tmp_path / "job+" / "1+" / "y+0123").write_bytes(b"half of it")
    (tmp_path / "job+" / ".DS_Store").write_bytes(b"not ours")
    assert [stored.key for stored in await store.list_page("", 10)] == ["job/1/x", "job/1/y"]
    await store.delete("job/1/y")
    assert [stored.key for stored in await store.list_page("", 10)] == ["job/1/x"]


async def test_a_file_without_a_time_is_listed(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path, "http://localhost", SECRET, timedelta(hours=1))
    await store.put("job", stream(b"la"), "audio/wav")
    os.utime(tmp_path / "job", times=(0, 0))
    assert [stored.key for stored in await store.list_page("", 10)] == ["job"]


async def begin_an_upload(store: SpacesStore, key: str) -> None:
    await store._client.create_multipart_upload(Bucket=store._bucket, Key=key)


async def test_uploads_that_nobody_finished_are_listed_and_go_with_their_key(spaces: SpacesStore) -> None:
    await spaces.put("job/1/x", stream(b"la"), "audio/wav")
    await begin_an_upload(spaces, "job/1/y")
    assert [stored.key for stored in await spaces.list_page("", 10)] == ["job/1/x", "job/1/y"]
    assert [stored.key for stored in await spaces.list_page("job/1/x", 10)] == ["job/1/y"]
    await spaces.delete("job/1/y")
    assert await everything_in(spaces) == {"job/1/x"}
    await begin_an_upload(spaces, "job/1/z")
    await begin_an_upload(spaces, "job2/1/z")
    assert await spaces.delete_each(["none/", "job/"]) == {}
    assert await everything_in(spaces) == {"unfinished job2/1/z"}


@pytest.mark.parametrize("limit", [1, 2, 10])
async def test_a_key_with_several_unfinished_uploads_is_listed_once(spaces: SpacesStore, limit: int) -> None:
    for key in ("a", "a", "a", "c", "c"):
        await begin_an_upload(spaces, key)
    for key in ("a", "b", "d"):
        await spaces.put(key, stream(b"la"), "audio/wav")
    assert await in_pages(spaces, limit) == ["a", "b", "c", "d"]


PLAIN_KEYS = ["A.b-c_d", "-", "0/1/2/3/4/5/6/7/8/9", "a." * 30 + "wav", "UPPER/lower", "a/b.mp3/c"]
ODD_KEYS = ["a b", "a+b", "100%", "%41", "Zoë/主題歌 🎵", 'it\'s "so"', "a&b=c", "#?;:@,$!*()", "<tag>", "~"]


async def test_every_key_of_ours_is_good_everywhere(subject: Subject) -> None:
    for key in PLAIN_KEYS:
        await subject.store.put(key, stream(key.encode()), "audio/wav")
    assert await subject.everything() == set(PLAIN_KEYS)
    for key in PLAIN_KEYS:
        assert (await subject.store.stat(key)).sha256 == hashlib.sha256(key.encode()).hexdigest()
    assert set(await in_pages(subject.store, 2)) == set(PLAIN_KEYS)


async def test_a_bucket_may_hold_keys_of_other_programs(spaces: SpacesStore) -> None:
    for key in ODD_KEYS:
        await spaces.put(key, stream(key.encode()), "audio/wav")
    assert await in_pages(spaces, 3) == sorted(ODD_KEYS, key=str.encode)
    async with httpx.AsyncClient() as http:
        for key in ODD_KEYS:
            assert (await http.get(await spaces.sign_get(key))).content == key.encode()
            answer = await http.put(await spaces.sign_put(key, "audio/wav"), headers={"Content-Type": "audio/wav"})
            assert (answer.status_code, (await spaces.stat(key)).size) == (200, 0)
            assert await spaces.delete(key) == 1
    assert await everything_in(spaces) == set()


class Watermark:
    """The most memory that Python held while a stream passed by, beyond what it held before."""

    def __init__(self) -> None:
        self.before, _ = tracemalloc.get_traced_memory()
        self.most = 0

    async def watch(self, chunks: Chunks) -> Chunks:
        async for chunk in chunks:
            self.most = max(self.most, tracemalloc.get_traced_memory()[0] - self.before)
            yield chunk


@pytest.mark.parametrize("subject", ["filesystem", GATEWAY], indirect=True)
async def test_memory_does_not_grow_with_the_object(store: ObjectStorage) -> None:
    """moto is left out: it keeps the object in this very process."""
    tracemalloc.start(1)
    try:
        watermark = Watermark()
        await store.put("huge", watermark.watch(noise(64 * MIB)), "audio/wav")
    finally:
        tracemalloc.stop()
    assert watermark.most < 24 * MIB


async def test_a_store_that_works_answers_the_ping(store: ObjectStorage) -> None:
    await store.ping()
