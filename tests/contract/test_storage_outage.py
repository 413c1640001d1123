"""What the api still does while its object store is away, denies it, stalls, or is a wrong one: all but storing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import anyio
import pytest

from application.ports.objects import ObjectStorage
from application.upkeep.bucket_owner import MARKER_PREFIX
from domain.jobs.transitions import JobStatus
from tests.support.api import ServedApi, serving_api
from tests.support.jobs import a_job_that_is
from tests.support.pipeline import in_pieces
from tests.support.raw_server import raw_server
from tests.support.s3 import S3Server, a_free_port, a_spaces_store, files_under

pytestmark = pytest.mark.anyio

DENIED = b"HTTP/1.1 403 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

away = pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(None, "storage_unavailable", id="away"),
        pytest.param(DENIED, "storage_denied", id="denied"),
        pytest.param(b"", "storage_unavailable", id="stalled"),
    ],
)


@asynccontextmanager
async def failing_store(answer: bytes | None) -> AsyncIterator[tuple[ObjectStorage, list[bytes]]]:
    """Yield a store whose server sends this answer, nothing, or is not there; and what the server received."""
    if answer is None:
        async with a_spaces_store(S3Server(f"http://127.0.0.1:{a_free_port()}"), "moments") as store:
            yield store, []
        return
    async with (
        raw_server(answer) as (port, requests),
        a_spaces_store(S3Server(f"http://127.0.0.1:{port}"), "moments") as store,
    ):
        yield store, requests


@asynccontextmanager
async def api_over(store: ObjectStorage, folder: Path) -> AsyncIterator[ServedApi]:
    async with serving_api(folder) as api:
        with api.container.store.override(store), api.container.urls.override(store):
            yield api


@away
async def test_statuses_are_read_without_a_word_to_the_store(answer: bytes | None, code: str, tmp_path: Path) -> None:
    job = a_job_that_is(JobStatus.COMPLETED)
    async with failing_store(answer) as (store, requests), api_over(store, tmp_path) as api:
        await api.jobs.add(job)
        status = await api.http.get(f"/v1/status/{job.id}")
    assert status.status_code == 200
    assert "X-Amz-Signature" in status.json()["final_audio_url"]
    assert requests == []


@away
async def test_readiness_reports_the_store_and_does_not_depend_on_it(
    answer: bytes | None, code: str, tmp_path: Path
) -> None:
    async with failing_store(answer) as (store, _), api_over(store, tmp_path) as api:
        ready = await api.http.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert ready.json()["parts"]["database"] == "ok"
    assert ready.json()["parts"]["storage"] in {code, "timeout"}  # three attempts may take longer than it waits


@away
async def test_uploads_are_refused_and_cancellations_are_not(
    answer: bytes | None, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.spaces.transfers.STALL_SECONDS", 3.0)
    monkeypatch.setattr("application.moments.cancel_job.DELETE_SECONDS", 0.1)
    job = a_job_that_is(JobStatus.PENDING)
    async with failing_store(answer) as (store, _), api_over(store, tmp_path) as api:
        await api.jobs.add(job)
        refused = await api.submit()
        cancelled = await api.http.post(f"/v1/jobs/{job.id}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (503, code)
    assert "retry-after" in refused.headers
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "CANCELLED")


@pytest.mark.parametrize("marker", ["", f"{MARKER_PREFIX}{UUID(int=1)}"], ids=["empty", "another's"])
async def test_a_wrong_store_gets_nothing_until_it_is_adopted(marker: str, tmp_path: Path) -> None:
    job = a_job_that_is(JobStatus.COMPLETED)
    async with serving_api(tmp_path) as api:
        await api.jobs.add(job)
        api.orphans.bucket = "https://elsewhere/moments"
        if marker:
            await api.store.put(marker, in_pieces(b"la"), "text/plain")
        before = files_under(tmp_path)
        refused = await api.submit()
        assert (refused.status_code, refused.json()["code"]) == (503, "wrong_bucket")
        assert "retry-after" in refused.headers
        for method, url in (
            ("GET", await api.store.sign_get("job/original")),
            ("GET", "/v1/objects/job/original?signature=of+another+folder"),
            ("PUT", await api.store.sign_put("job/vocals", "audio/flac")),
        ):
            answer = await api.http.request(method, url, headers={"Content-Type": "audio/flac"})
            assert (answer.status_code, answer.json()["code"]) == (503, "wrong_bucket")
        ready = await api.http.get("/readyz")
        assert (ready.status_code, ready.json()["parts"]) == (200, {"database": "ok", "storage": "wrong_bucket"})
        assert (await api.http.get(f"/v1/status/{job.id}")).status_code == 200
        assert files_under(tmp_path) == before
        await api.container.adopt_bucket()()
        with anyio.fail_after(30):
            while (await api.submit()).status_code != 202:
                await anyio.sleep(0.1)
        assert (await api.http.get("/readyz")).json()["parts"]["storage"] == "ok"
