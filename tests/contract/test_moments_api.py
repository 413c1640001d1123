"""The contract of `Moments`, the client of the service's own API: over the fake and over the real API."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import httpx
import pytest

from adapters.http.moments import HttpMoments
from application.access import Permission
from application.keys.tokens import new_token
from application.ports.moments_api import MomentRefused, Moments, MomentsUnavailable
from domain.jobs.job import JobId
from tests.support.api import WAV, serving_api
from tests.support.fake_studio import FakeMoments

pytestmark = pytest.mark.anyio


class Subject(NamedTuple):
    """A client under test, and one of the same kind whose API is down."""

    moments: Moments
    down: Moments


@pytest.fixture
def fake() -> Subject:
    down = FakeMoments()
    for method in ("submit", "status"):
        down.faults.fail(method, MomentsUnavailable("the moments API did not respond"))
    return Subject(FakeMoments({"status": "PENDING", "terminal": False}), down)


@pytest.fixture
async def over_http(tmp_path: Path) -> AsyncIterator[Subject]:
    async with serving_api(tmp_path) as api, httpx.AsyncClient(trust_env=False) as client:
        base = str(api.http.base_url)
        yield Subject(HttpMoments(client, base), HttpMoments(client, "http://127.0.0.1:9"))


@pytest.fixture(params=["fake", "over_http"])
def subject(request: pytest.FixtureRequest) -> Subject:
    found: Subject = request.getfixturevalue(request.param)
    return found


async def submit(moments: Moments, recording: Path) -> str:
    return await moments.submit(recording, filename="hum.wav", fields={})


async def test_a_recording_becomes_a_job_with_a_status(subject: Subject, tmp_path: Path) -> None:
    (tmp_path / "hum").write_bytes(WAV)
    status = await subject.moments.status(await submit(subject.moments, tmp_path / "hum"))
    assert (status["status"], status["terminal"]) == ("PENDING", False)


async def test_an_empty_recording_is_refused_with_the_apis_code(subject: Subject, tmp_path: Path) -> None:
    (tmp_path / "hum").write_bytes(b"")
    with pytest.raises(MomentRefused) as refused:
        await submit(subject.moments, tmp_path / "hum")
    assert (refused.value.code, refused.value.permanent) == ("empty_upload", True)


async def test_more_than_the_usual_can_be_wanted(tmp_path: Path) -> None:
    (tmp_path / "hum").write_bytes(WAV)
    async with serving_api(tmp_path) as api, httpx.AsyncClient(trust_env=False) as client:
        moments = HttpMoments(client, str(api.http.base_url))
        await moments.submit(
            tmp_path / "hum", filename="hum.wav", fields={"artifacts": "parts_opus", "output_kind": ""}
        )
        assert [row.job.request.artifacts for row in api.jobs.rows.values()] == [("parts_opus",)]


async def test_a_recording_that_is_not_there_is_refused(subject: Subject, tmp_path: Path) -> None:
    with pytest.raises(MomentRefused) as refused:
        await submit(subject.moments, tmp_path / "nothing")
    assert refused.value.code == "file_unreadable"


async def test_an_unknown_job_is_refused(subject: Subject) -> None:
    with pytest.raises(MomentRefused) as refused:
        await subject.moments.status("00000000-0000-4000-8000-000000000001")
    assert refused.value.code == "job_not_found"


async def test_an_api_that_is_down_is_unavailable(subject: Subject, tmp_path: Path) -> None:
    (tmp_path / "hum").write_bytes(WAV)
    with pytest.raises(MomentsUnavailable):
        await submit(subject.down, tmp_path / "hum")
    with pytest.raises(MomentsUnavailable) as down:
        await subject.down.status("job-1")
    assert not down.value.permanent


async def test_the_owner_of_a_key_owns_the_job_and_the_clients_own_key_stands_in(tmp_path: Path) -> None:
    (tmp_path / "hum").write_bytes(WAV)
    async with (
        serving_api(tmp_path / "objects", REQUIRE_KEYS="true") as api,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        keys = [(await api.new_key(owner))["Authorization"].partition(" ")[2] for owner in ("agent", "operator")]
        moments = HttpMoments(http, str(api.http.base_url), keys[1])
        for key, owner in ((keys[0], "agent"), ("", "operator")):
            job_id = await moments.submit(tmp_path / "hum", filename="hum.wav", fields={}, key=key)
            assert api.jobs.rows[JobId(UUID(job_id))].job.request.owner == owner
            assert (await moments.status(job_id, key))["status"] == "PENDING"
        with pytest.raises(MomentRefused) as refused:
            await moments.status(job_id, keys[0])
        assert refused.value.code == "job_not_found"


async def test_the_api_says_which_keys_it_knows(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as api, httpx.AsyncClient(trust_env=False) as http:
        creator = (await api.new_key("agent", Permission.CREATE))["Authorization"].partition(" ")[2]
        reader = (await api.new_key("agent"))["Authorization"].partition(" ")[2]
        moments = HttpMoments(http, str(api.http.base_url))
        assert [await moments.accepts(key) for key in (creator, reader, new_token())] == [True, True, False]
        with pytest.raises(MomentsUnavailable):
            await HttpMoments(http, "http://127.0.0.1:9").accepts(reader)
