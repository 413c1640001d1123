"""Other formats of finished music over HTTP: made once by a worker, kept and listed, deleted with the moment."""

from collections.abc import AsyncIterator
from uuid import uuid4

import anyio
import httpx
import msgspec
import pytest

from application.moments.job_events import events_of
from application.ports.tools import ToolFailed, ToolsUnavailable
from domain.jobs.artifacts import Stem
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus
from tests.contract.test_openapi import assert_documented
from tests.support.api import ServedApi, serving_api
from tests.support.fake_faults import ALWAYS
from tests.support.jobs import a_job_that_is
from tests.support.making import conversions, tools_of, worker
from tests.support.pipeline import in_pieces

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path_factory.mktemp("objects")) as served:
        yield served


@pytest.fixture
async def api(served: ServedApi) -> ServedApi:
    conversions(served).rows.clear()
    return served


async def finished(api: ServedApi) -> Job:
    job_id = JobId(uuid4())
    job = a_job_that_is(JobStatus.COMPLETED, job_id)
    final = await api.store.put(f"{job_id}/1/final.mp3", in_pieces(b"mp3"), "audio/mpeg")
    stems = {}
    for stem, checkpoint in job.checkpoints.items():
        artifact = await api.store.put(f"{job_id}/1/{stem}.flac", in_pieces(b"stem"), "audio/flac")
        stems[stem] = msgspec.structs.replace(checkpoint, artifact=artifact)
    job = msgspec.structs.replace(job, final=final, checkpoints=stems)
    await api.jobs.add(job)
    return job


async def ask(api: ServedApi, job: Job, name: str, wait: int = 0, file: str = "final") -> httpx.Response:
    headers = {"Prefer": f"wait={wait}"} if wait else {}
    wanted = {"format": name, "artifact": file}
    return await api.http.get(f"/v1/jobs/{job.id}/audio", params=wanted, headers=headers)


async def objects_of(api: ServedApi, job: Job) -> set[str]:
    keys = {stored.key for stored in await api.store.list_page("", 1000)}
    return {key.partition("/")[2] for key in keys if key.startswith(f"{job.id}/")}


async def test_a_format_is_made_once_and_kept(api: ServedApi) -> None:
    job, tools = await finished(api), tools_of(api)
    asked = await ask(api, job, "WAV")
    assert (asked.status_code, asked.json()["code"]) == (409, "artifact_not_ready")
    assert int(asked.headers["retry-after"]) > 0
    async with worker(api, tools):
        answers = list[httpx.Response]()

        async def wait() -> None:
            answers.append(await ask(api, job, "wav_44100", wait=10))

        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(wait)
    assert [answer.status_code for answer in answers] == [302] * 4
    made = await api.http.get(answers[0].headers["location"])
    assert (made.content, made.headers["content-type"]) == (b"mastered preview", "audio/wav")
    assert tools.calls["synthesize_preview"] == 1
    assert set(tools.mixes[0]) == {*Stem}  # not the MP3 again
    status = (await api.http.get(f"/v1/jobs/{job.id}")).json()
    details = {detail["name"]: detail["content_type"] for detail in status["artifacts_detail"]}
    assert details["final_wav_44100"] == "audio/wav"
    assert "final_wav_44100" in status["artifacts"]
    named = await api.http.get(f"/v1/jobs/{job.id}/audio", params={"artifact": "final_wav_44100"})
    assert named.status_code == 302
    assert (await ask(api, job, "wav")).status_code == 302
    after = api.jobs.rows[job.id].job
    assert events_of(after, None) == events_of(job, None)  # its stream has ended
    assert (await api.http.delete(f"/v1/jobs/{job.id}")).status_code == 204
    assert await objects_of(api, job) == set()


async def test_stems_are_encoded_as_they_are_and_kept(api: ServedApi) -> None:
    job, tools = await finished(api), tools_of(api)
    async with worker(api, tools):
        for stem in Stem:
            made = await ask(api, job, "m4a_44100_128", wait=10, file=stem)
            found = await api.http.get(made.headers["location"])
            assert (found.content, found.headers["content-type"]) == (b"encoded m4a_44100_128", "audio/mp4")
    assert (tools.calls["encode_audio"], tools.mixes) == (2, [])
    status = (await api.http.get(f"/v1/jobs/{job.id}")).json()
    assert {"vocals_m4a_44100_128", "instrumental_m4a_44100_128"} <= status["artifacts"].keys()
    assert (await ask(api, job, "flac", file="vocals")).status_code == 302  # what it is
    after = api.jobs.rows[job.id].job
    assert events_of(after, None) == events_of(job, None)
    assert (await ask(api, job, "opus", file="part_bass")).json()["code"] == "artifact_not_found"
    assert (await api.http.delete(f"/v1/jobs/{job.id}")).status_code == 204
    assert await objects_of(api, job) == set()


async def test_several_are_made_at_once_while_the_worker_has_no_jobs(api: ServedApi) -> None:
    job, tools, idle = await finished(api), tools_of(api), False
    gate = tools.hold("encode_audio")
    for stem in Stem:
        await ask(api, job, "m4a", file=stem)
    async with worker(api, tools, at_once=2, is_idle=lambda: idle):
        await tools.entered["encode_audio"].wait()
        await anyio.sleep(0.2)  # some looks at the queue
        assert tools.calls["encode_audio"] == 1
        idle = True
        with anyio.fail_after(5):
            while tools.calls["encode_audio"] < 2:
                await anyio.sleep(0.02)
        gate.set()
        for stem in Stem:
            assert (await ask(api, job, "m4a", wait=10, file=stem)).status_code == 302


async def test_a_part_that_is_opus_already_is_returned_as_it_is(api: ServedApi) -> None:
    job = await finished(api)
    part = await api.store.put(f"{job.id}/1/part_bass.opus", in_pieces(b"bass"), "audio/ogg")
    band = job.checkpoints[Stem.INSTRUMENTAL]
    with_part = {**job.checkpoints, Stem.INSTRUMENTAL: msgspec.structs.replace(band, extras={"part_bass": part})}
    api.jobs.rows[job.id].job = msgspec.structs.replace(job, checkpoints=with_part)
    answer = await ask(api, job, "opus", file="part_bass")
    assert (await api.http.get(answer.headers["location"])).content == b"bass"
    async with worker(api, tools_of(api)):
        assert (await ask(api, job, "m4a", wait=10, file="part_bass")).status_code == 302


async def test_stems_of_a_moment_that_is_not_finished_have_no_other_formats_yet(api: ServedApi) -> None:
    job = a_job_that_is(JobStatus.MIXING, JobId(uuid4()))
    await api.jobs.add(job)
    early = await ask(api, job, "m4a", file="vocals")
    assert (early.status_code, early.json()["code"]) == (409, "artifact_not_ready")
    assert conversions(api).rows == {}


async def test_a_server_without_the_tool_makes_no_formats_of_stems(api: ServedApi) -> None:
    job, tools = await finished(api), tools_of(api)
    tools.ours, tools.tools = False, tools.tools - {"encode_audio"}
    await ask(api, job, "m4a", file="vocals")
    async with worker(api, tools):
        with anyio.fail_after(5):
            while (answer := await ask(api, job, "m4a", file="vocals")).status_code == 409:
                await anyio.sleep(0.02)
        assert (answer.status_code, answer.json()["code"]) == (503, "conversion_failed")
        assert tools.calls["encode_audio"] == 0


async def test_what_is_given_up_takes_no_other_format_along(api: ServedApi) -> None:
    job, tools = await finished(api), tools_of(api)
    async with worker(api, tools):
        for name in ("flac", "wav"):
            assert (await ask(api, job, name, wait=10)).status_code == 302
        tools.hold("synthesize_preview")
        await ask(api, job, "opus")
        await tools.entered["synthesize_preview"].wait()
        conversions(api).rows.clear()  # as if another worker had made it
        with anyio.fail_after(5):
            while not tools.cancelled:
                await anyio.sleep(0.02)
    assert {"format-1/final_wav_44100.wav", "format-1/final_flac_44100.flac"} <= await objects_of(api, job)


async def test_whoever_waits_for_one_format_is_not_answered_because_of_another(api: ServedApi) -> None:
    job, answers = await finished(api), dict[str, int]()

    async def wait(name: str) -> None:
        answers[name] = (await ask(api, job, name, wait=10)).status_code

    async with worker(api, tools_of(api)), anyio.create_task_group() as group:
        for name in ("flac", "wav", "opus", "m4a"):
            group.start_soon(wait, name)
    assert answers == dict.fromkeys(answers, 302)
    assert len(answers) == 4


async def test_the_format_that_the_music_has_need_not_be_made(api: ServedApi) -> None:
    job = await finished(api)
    for name in ("mp3", "mp3_44100_128"):
        answer = await ask(api, job, name)
        assert (await api.http.get(answer.headers["location"])).content == b"mp3"
    assert conversions(api).rows == {}


async def test_what_cannot_be_asked_for_is_refused(api: ServedApi) -> None:
    done = await finished(api)
    without_stems = a_job_that_is(JobStatus.COMPLETED, JobId(uuid4()))
    bare = {stem: msgspec.structs.replace(each, artifact=None) for stem, each in without_stems.checkpoints.items()}
    await api.jobs.add(msgspec.structs.replace(without_stems, checkpoints=bare))
    running, failed = [a_job_that_is(status, JobId(uuid4())) for status in (JobStatus.MIXING, JobStatus.FAILED)]
    for job in (running, failed):
        await api.jobs.add(job)
    for job, name, status, code in [
        (done, "aiff", 400, "unknown_output_format"),
        (without_stems, "wav", 409, "format_unavailable"),
        (running, "wav", 409, "artifact_not_ready"),
        (failed, "wav", 404, "artifact_not_found"),
    ]:
        answer = await ask(api, job, name)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert ("retry-after" in answer.headers) is answer.json()["retryable"]
    for file in ("original", "melody", "final_wav_44100", "nothing"):
        both = await ask(api, done, "wav", file=file)
        assert (both.status_code, both.json()["errors"][0]["pointer"]) == (400, "/format")
    assert conversions(api).rows == {}


async def test_a_failure_is_told_and_does_not_hurt_the_job(api: ServedApi) -> None:
    job, tools = await finished(api), tools_of(api)
    tools.faults.fail("synthesize_preview", ToolFailed("no luck", code="encoding_failed"), times=ALWAYS)
    await ask(api, job, "flac")
    async with worker(api, tools):
        with anyio.fail_after(5):
            while (answer := await ask(api, job, "flac")).status_code == 409:
                await anyio.sleep(0.02)
    assert (answer.status_code, answer.json()["code"]) == (503, "conversion_failed")
    assert tools.calls["synthesize_preview"] == 3
    assert api.jobs.rows[job.id].job == job


async def test_what_is_away_is_waited_for_without_counting(api: ServedApi) -> None:
    job, tools = await finished(api), tools_of(api)
    tools.fail("synthesize_preview", *[ToolsUnavailable("away")] * 5)
    async with worker(api, tools):
        assert (await ask(api, job, "flac", wait=10)).status_code == 302
    assert tools.calls["synthesize_preview"] == 6


async def test_a_worker_that_stops_gives_back_what_it_makes(api: ServedApi) -> None:
    job, tools = await finished(api), tools_of(api)
    tools.hold("synthesize_preview")
    await ask(api, job, "flac")
    async with worker(api, tools):
        await tools.entered["synthesize_preview"].wait()
    assert tools.cancelled == ["synthesize_preview"]
    (row,) = conversions(api).rows.values()
    assert row.errors == 0
    async with worker(api, tools_of(api)):
        assert (await ask(api, job, "flac", wait=10)).status_code == 302


async def test_what_ends_workers_comes_to_an_end(api: ServedApi) -> None:
    job, tools = await finished(api), tools_of(api)
    await ask(api, job, "flac")
    (row,) = conversions(api).rows.values()
    row.errors = 3  # so many workers were lost with it
    async with worker(api, tools):
        with anyio.fail_after(5):
            while (await ask(api, job, "flac")).status_code == 409:
                await anyio.sleep(0.02)
    assert (row.reason, tools.calls["synthesize_preview"]) == ("attempts_exhausted", 0)


async def test_deleting_the_moment_stops_what_is_made_of_it(api: ServedApi) -> None:
    job, tools = await finished(api), tools_of(api)
    tools.hold("synthesize_preview")
    await ask(api, job, "flac")
    async with worker(api, tools):
        await tools.entered["synthesize_preview"].wait()
        assert (await api.http.delete(f"/v1/jobs/{job.id}")).status_code == 204
        with anyio.fail_after(5):
            while not tools.cancelled:
                await anyio.sleep(0.02)
    assert await objects_of(api, job) == set()


async def test_responses_are_as_they_are_documented(api: ServedApi) -> None:
    document = (await api.http.get("/openapi.json")).json()
    operation = document["paths"]["/v1/jobs/{job_id}/audio"]["get"]
    assert {"artifact", "format"} <= {parameter["name"] for parameter in operation["parameters"]}
    job = await finished(api)
    for name, status in [("mp3", 302), ("wav", 409), ("aiff", 400)]:
        answer = await ask(api, job, name)
        assert answer.status_code == status
        assert_documented(document, operation, answer)
