"""The file of an upload: in memory, on disk, on a full disk."""

import pytest

from application.ports.objects import StorageUnavailable
from entrypoints.api.invalid_form import InvalidForm
from entrypoints.api.spools import SPOOL_BYTES, Spool
from tests.support.full_disk import full_disk

pytestmark = pytest.mark.anyio

LIMIT = 2 * SPOOL_BYTES


async def content(spool: Spool) -> bytes:
    return b"".join([chunk async for chunk in spool.chunks()])


@pytest.mark.parametrize("size", [0, 1, SPOOL_BYTES, SPOOL_BYTES + 1, LIMIT])
async def test_what_was_written_is_read(size: int) -> None:
    spool, sent = Spool(LIMIT), bytes(range(256)) * (size // 256) + bytes(size % 256)
    for start in range(0, size, 100_000):
        await spool.write(sent[start : start + 100_000])
    assert await content(spool) == sent
    spool.close()


async def test_more_than_its_limit_is_refused() -> None:
    spool = Spool(LIMIT)
    await spool.write(bytes(LIMIT))
    with pytest.raises(InvalidForm) as refused:
        await spool.write(b"x")
    assert refused.value.code == "upload_too_large"
    spool.close()


async def test_a_disk_that_is_full_in_the_middle_is_unavailable() -> None:
    spool = Spool(LIMIT)
    with full_disk(SPOOL_BYTES // 2), pytest.raises(StorageUnavailable, match="temporary files"):
        await spool.write(bytes(LIMIT))
    spool.close()


async def test_a_disk_that_is_full_at_the_end_is_unavailable_and_closing_is_no_error() -> None:
    spool = Spool(2 * LIMIT)
    await spool.write(bytes(SPOOL_BYTES + 1))
    with full_disk(SPOOL_BYTES + 2):
        with pytest.raises(StorageUnavailable, match="temporary files"):
            await spool.write(bytes(SPOOL_BYTES + 1))
        spool.close()


async def test_the_end_of_a_large_file_needs_no_disk() -> None:
    spool = Spool(2 * LIMIT)
    await spool.write(bytes(SPOOL_BYTES + 1))
    with full_disk(SPOOL_BYTES + 1):
        await spool.write(bytes(SPOOL_BYTES))
        assert len(await content(spool)) == 2 * SPOOL_BYTES + 1
        spool.close()


async def test_a_small_file_needs_no_disk() -> None:
    spool = Spool(LIMIT)
    with full_disk(0):
        await spool.write(bytes(SPOOL_BYTES))
        assert await content(spool) == bytes(SPOOL_BYTES)
    spool.close()
