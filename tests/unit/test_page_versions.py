"""The files of pages by version: what one process stores, others find, and nobody gets other files than were named."""

from functools import partial
from gzip import compress

import anyio
import msgspec
import pytest

from application.page_files import (
    MISSING_FOR,
    MOST_VERSIONS,
    PAGES_PREFIX,
    RETRY_AFTER,
    STORE_EVERY,
    Files,
    PageFiles,
    digest_of,
)
from application.ports.objects import StorageUnavailable
from application.upkeep.bucket_report import WrongBucket
from tests.support.fake_faults import ALWAYS
from tests.support.fake_store import InMemoryStore

pytestmark = pytest.mark.anyio

PLAIN = {"main.js": b"run()", "base/dom.js": b"h()"}
DIGEST = digest_of(PLAIN)
KEY = f"{PAGES_PREFIX}{DIGEST}"
PACKED = {name: compress(body) for name, body in PLAIN.items()}


def packed() -> Files:
    return PACKED


class Harness:
    """Processes over one store; their clock moves by hand."""

    def __init__(self) -> None:
        self.store = InMemoryStore()
        self.seconds = 100.0
        self.wrong = False

    def process(self) -> PageFiles:
        return PageFiles(self.store, self._require_bucket, lambda: self.seconds, patience=0.05)

    async def _require_bucket(self) -> None:
        if self.wrong:
            raise WrongBucket("of somebody else")


@pytest.fixture
def harness() -> Harness:
    return Harness()


async def test_what_one_process_stores_another_one_has(harness: Harness) -> None:
    one, other = harness.process(), harness.process()
    await one.publish(DIGEST, packed)
    assert await other.find(DIGEST) == PACKED
    harness.store.objects.clear()
    assert await other.find(DIGEST) == PACKED, "it is read once"


async def test_files_are_stored_once_a_day_so_that_no_sweep_takes_them(harness: Harness) -> None:
    one = harness.process()
    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(one.publish, DIGEST, packed)
    assert harness.store.objects.pop(KEY)
    harness.seconds += STORE_EVERY - 1
    await one.publish(DIGEST, packed)
    assert harness.store.objects == {}
    harness.seconds += 2
    await one.publish(DIGEST, packed)
    assert KEY in harness.store.objects


async def test_without_a_store_a_page_is_shown_and_its_files_are_stored_later(harness: Harness) -> None:
    one = harness.process()
    harness.store.faults.fail("put", StorageUnavailable("away"), times=1)
    await one.publish(DIGEST, packed)
    await one.publish(DIGEST, packed)
    assert harness.store.objects == {}
    harness.seconds += RETRY_AFTER + 1
    await one.publish(DIGEST, packed)
    assert KEY in harness.store.objects


async def test_nothing_is_stored_in_a_bucket_of_somebody_else(harness: Harness) -> None:
    harness.wrong = True
    await harness.process().publish(DIGEST, packed)
    assert harness.store.objects == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xff",
        msgspec.msgpack.encode({"main.js": b"no gzip", "base/dom.js": b""}),
        msgspec.msgpack.encode({"main.js": compress(b"steal()"), "base/dom.js": compress(b"h()")}),
        msgspec.msgpack.encode({"main.js": compress(b"run()")}),
        msgspec.msgpack.encode({**PACKED, "more.js": compress(b"steal()")}),
        msgspec.msgpack.encode(PACKED)[:-4],
    ],
    ids=["empty", "no document", "no gzip", "changed", "less", "more", "cut"],
)
async def test_other_files_than_the_digest_names_are_none(harness: Harness, body: bytes) -> None:
    await harness.process().publish(DIGEST, packed)
    _, artifact = harness.store.objects[KEY]
    harness.store.objects[KEY] = body, artifact
    other = harness.process()
    assert await other.find(DIGEST) == {}
    await harness.process().publish(DIGEST, packed)
    harness.seconds += MISSING_FOR + 0.1
    assert await other.find(DIGEST) == PACKED


async def test_names_belong_to_what_the_digest_says() -> None:
    assert digest_of({"a": b"b\0c"}) != digest_of({"a": b"b", "c": b""})
    assert digest_of({"ab": b"c"}) != digest_of({"a": b"bc"})


@pytest.mark.parametrize("digest", ["", "..", DIGEST.upper(), DIGEST[:-1], f"{DIGEST}0", f"{DIGEST}\n", "é" * 32])
async def test_what_is_no_digest_is_not_asked_for(harness: Harness, digest: str) -> None:
    harness.store.faults.fail("stat", StorageUnavailable("asked"), times=ALWAYS)
    assert await harness.process().find(digest) == {}


async def test_a_version_that_nobody_has_stored_is_not_asked_for_at_once_again(harness: Harness) -> None:
    other = harness.process()
    assert await other.find(DIGEST) == {}
    await harness.process().publish(DIGEST, packed)
    assert await other.find(DIGEST) == {}
    harness.seconds += MISSING_FOR + 0.1
    assert await other.find(DIGEST) == PACKED


async def test_a_process_keeps_a_few_versions(harness: Harness) -> None:
    other, digests = harness.process(), []
    for number in range(MOST_VERSIONS + 1):
        body = b"%d" % number
        digests.append(digest_of({"main.js": body}))
        await harness.process().publish(digests[-1], partial(dict, {"main.js": compress(body)}))
        assert await other.find(digests[-1])
    harness.store.objects.clear()
    assert [bool(await other.find(digest)) for digest in digests] == [False] + [True] * MOST_VERSIONS


async def test_a_store_that_is_away_or_hangs_is_said_so(harness: Harness) -> None:
    other = harness.process()
    harness.store.faults.fail("stat", StorageUnavailable("away"), times=1)
    with pytest.raises(StorageUnavailable):
        await other.find(DIGEST)
    harness.store.faults.delay("stat", 60)
    with anyio.fail_after(5), pytest.raises(StorageUnavailable):
        await other.find(DIGEST)


async def test_a_page_does_not_wait_for_a_store_that_hangs(harness: Harness) -> None:
    harness.store.faults.delay("put", 60)
    with anyio.fail_after(5):
        await harness.process().publish(DIGEST, packed)
