"""Caches are bounded in bytes: what is large is not kept, however often it is read."""

import msgspec
import pytest

from adapters.postgres.documents import CACHED_CHARS, read_document, write_document
from application.bounded_cache import BoundedCache
from application.moments.encoded_status import LONGEST_CACHED
from domain.jobs.job import Request
from domain.jobs.transitions import JobStatus
from tests.support.jobs import a_job_that_is, an_artifact, room_for
from tests.support.pipeline import Pipeline

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("size", "kept"), [(100, True), (LONGEST_CACHED, False)])
async def test_a_large_status_is_rendered_for_each_request(size: int, *, kept: bool) -> None:
    pipeline = Pipeline()
    plan = {"lyrics": "l" * (size // 2), "metadata": {"mine": "l" * (size // 2 - 20)}}
    job_id = await pipeline.add(blueprint_json=msgspec.json.encode(plan).decode())
    (claim,) = await pipeline.jobs.claim(room_for("w", 1))
    await pipeline.run_job(pipeline.run_job.accept(claim))
    read_status = pipeline.read_status()
    first, second = await read_status(job_id), await read_status(job_id)
    assert first == second
    assert (first is second) is kept


@pytest.mark.parametrize(("size", "kept"), [(100, True), (CACHED_CHARS, False)])
def test_a_large_document_is_decoded_each_time(size: int, *, kept: bool) -> None:
    request = Request(original=an_artifact(), blueprint={"lyrics": "l" * size})
    document = write_document(msgspec.structs.replace(a_job_that_is(JobStatus.PENDING), request=request))
    assert (read_document(document) is read_document(document)) is kept


def test_what_was_not_used_for_longest_gives_way_to_what_is_heavy() -> None:
    cache: BoundedCache[str, str] = BoundedCache(10, len)
    for key in ("one", "two", "three"):
        cache.put(key, "xxx")
    assert cache.get("one") == "xxx"
    cache.put("four", "yyyyyyy")
    assert [cache.get(key) for key in ("one", "two", "three", "four")] == ["xxx", None, None, "yyyyyyy"]
    cache.put("four", "z")
    cache.put("two", "xxx")
    assert len(cache) == 3
