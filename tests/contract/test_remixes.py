"""Remixes over HTTP: another moment of a hum that was sent and heard before."""

import base64
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from application.moments.remix_moment import INHERITED
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.completion import complete
from domain.blueprints.metadata import read_analysis
from domain.jobs.artifacts import Artifact, Stem
from domain.jobs.job import Job, JobId, Request
from domain.jobs.transitions import Analyzed, Event, JobStatus
from tests.contract.test_openapi import assert_documented
from tests.support.api import WAV, ServedApi, serving_api
from tests.support.fake_tools import ANALYSIS
from tests.support.jobs import CANCELLED, FAILED, HAPPY_PATH, MIXED, NOW, RENDERED, STARTED
from tests.support.pipeline import in_pieces

pytestmark = pytest.mark.anyio

FIXED = {"style": "pop", "metadata": {"mood": "sad"}}
NOTES = [{"start": note.onset, "duration": note.duration, "pitch": int(note.pitch)} for note in ANALYSIS.notes]


@pytest.fixture(scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path_factory.mktemp("objects")) as served:
        yield served


def heard(job: Job) -> Event:
    request = job.request
    blueprint = complete(
        request.blueprint, ANALYSIS, blueprint_id=str(job.id), kind=request.output_kind, voice_id="hummer", seed=7
    )
    return Analyzed(blueprint)


async def parent(api: ServedApi, *events: Event, **request: Any) -> Job:
    """Add a job with its objects, heard, rendered and mixed unless other events are given."""
    job_id = JobId(uuid4())
    hum = await api.store.put(f"{job_id}/original", in_pieces(WAV), "audio/wav")
    job = Job.submitted(job_id, Request(original=hum, filename="hum.wav", blueprint=FIXED, **request), NOW)
    path = events or (STARTED, heard(job), *HAPPY_PATH[2:4], RENDERED, MIXED)
    for event in path:
        job = job.on(event, NOW)
    stems = {
        stem: msgspec.structs.replace(checkpoint, artifact=await stored(api, f"{job_id}/1/{stem}.flac"))
        for stem, checkpoint in job.checkpoints.items()
    }
    job = msgspec.structs.replace(job, checkpoints=stems)
    await api.jobs.add(job)
    return job


async def stored(api: ServedApi, key: str) -> Artifact:
    return await api.store.put(key, in_pieces(key.encode()), "audio/flac")


async def remix(api: ServedApi, job: Job, **body: Any) -> httpx.Response:
    return await api.http.post(f"/v1/jobs/{job.id}/remix", json=body)


async def remixed(api: ServedApi, job: Job, **body: Any) -> Job:
    answer = await remix(api, job, **body)
    assert answer.status_code == 202, answer.text
    return api.jobs.rows[JobId(UUID(answer.json()["job_id"]))].job


async def content(api: ServedApi, artifact: Artifact | None) -> bytes:
    assert artifact
    return (await api.http.get(await api.store.sign_get(artifact.key))).content


async def test_answers_like_a_new_moment_and_names_its_parent(api: ServedApi) -> None:
    job = await parent(api)
    answer = await remix(api, job, style="dark gamelan lofi")
    body = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (202, f"/v1/status/{body['job_id']}")
    assert (body["status"], body["style_resolved"]["style"]) == ("PENDING", "lofi")
    assert [warning["code"] for warning in body["warnings"]] == ["unknown_words"]
    status = (await api.http.get(answer.headers["location"])).json()
    assert (status["parent_id"], status["parent_url"]) == (str(job.id), f"/v1/jobs/{job.id}")
    assert (await api.http.get(status["parent_url"])).json()["parent_id"] is None


async def test_the_hum_is_copied_and_what_was_heard_goes_along(api: ServedApi) -> None:
    job = await parent(api, client_reference="mine")
    child = await remixed(api, job, style="lofi")
    assert child.request.blueprint["style"] == "lofi"
    metadata = child.request.blueprint["metadata"]
    assert (metadata["mood"], metadata["seed"], read_analysis(metadata)) == ("sad", 7, ANALYSIS)
    assert (child.request.filename, child.request.client_reference, child.checkpoints) == ("hum.wav", "", {})
    assert (await api.http.delete(f"/v1/jobs/{job.id}")).status_code == 204
    assert await content(api, child.request.original) == WAV


async def test_stems_that_stay_valid_are_copied(api: ServedApi) -> None:
    job = await parent(api)
    child = await remixed(api, job, blueprint={"lyrics": "la la la"})
    assert set(child.checkpoints) == {*Stem}
    vocals = child.checkpoints[Stem.VOCALS].artifact
    assert vocals
    assert vocals.key == f"{child.id}/0/vocals.flac"
    status = (await api.http.get(f"/v1/status/{child.id}")).json()
    assert [timing["name"] for timing in status["timings"]] == ["PENDING"]  # they were made before
    assert (await api.http.delete(f"/v1/jobs/{job.id}")).status_code == 204
    assert await content(api, vocals) == f"{job.id}/1/vocals.flac".encode()


async def test_a_stem_that_is_gone_is_made_again(api: ServedApi) -> None:
    job = await parent(api)
    await api.store.delete(f"{job.id}/1/vocals.flac")
    assert set((await remixed(api, job)).checkpoints) == {Stem.INSTRUMENTAL}


async def test_a_song_of_a_preview_and_what_is_inherited(api: ServedApi) -> None:
    job = await parent(api, artifacts=("pictures",), kept_seconds=3600, output_format="flac_44100")
    song = await remixed(api, job, output_kind="song")
    assert (song.request.output_kind, song.checkpoints) == (OutputKind.SONG, {})
    assert (song.request.artifacts, song.request.kept_seconds) == (("pictures",), 3600)
    assert song.request.output_format == "flac_44100"
    again = await remixed(api, job, artifacts=["parts"], blueprint={"key": "D", "style": None})
    assert again.request.artifacts == ("parts",)
    assert (again.request.blueprint["key"], "style" in again.request.blueprint) == ("D", False)
    assert set(INHERITED.values()) <= set(Request.__struct_fields__)


@pytest.mark.parametrize("metadata", [None, {"analysis": None}, {"analysis": {"notes": [], "written": []}}])
@pytest.mark.parametrize("edits", [{}, {"notes": NOTES}])
async def test_what_was_heard_cannot_be_taken_back(api: ServedApi, metadata: Any, edits: dict[str, Any]) -> None:
    job = await remixed(api, await parent(api), blueprint={"metadata": metadata}, **edits)
    analysis = read_analysis(job.request.blueprint["metadata"])
    assert analysis
    assert len(analysis.sung_from) == len(edits.get("notes", ()))
    assert ("mood" in job.request.blueprint["metadata"]) == (metadata is not None)


async def test_edited_notes_take_the_place_of_what_was_heard(api: ServedApi) -> None:
    changed = [{**NOTES[0], "pitch": 61.0}, *NOTES[1:]]
    child = await remixed(api, await parent(api), notes=changed)
    analysis = read_analysis(child.request.blueprint["metadata"])
    assert analysis
    assert analysis.written == (61, 62, 64, 65, 67, 64, 60)
    assert analysis.sung_from[0].onset == ANALYSIS.notes[0].onset
    assert child.checkpoints == {}


@pytest.mark.parametrize("status", [JobStatus.RENDERING, JobStatus.FAILED])
async def test_a_parent_that_was_heard_need_not_be_done(api: ServedApi, status: JobStatus) -> None:
    job = await parent(api)
    waiting = Job.submitted(job.id, job.request, NOW).on(STARTED, NOW)
    rendering = waiting.on(heard(job), NOW)
    api.jobs.rows[job.id].job = rendering if status is JobStatus.RENDERING else rendering.on(FAILED, NOW)
    assert (await remix(api, job, style="lofi")).status_code == 202


async def test_without_a_hum_that_was_heard_there_is_no_remix(api: ServedApi) -> None:
    for events, code, retryable in [
        ((STARTED,), "remix_too_early", True),
        ((STARTED, FAILED), "not_remixable", False),
        ((CANCELLED,), "not_remixable", False),
    ]:
        answer = await remix(api, await parent(api, *events))
        assert (answer.status_code, answer.json()["code"]) == (409, code)
        assert (answer.json()["retryable"], "retry-after" in answer.headers) == (retryable, retryable)
    job = await parent(api)
    await api.store.delete(f"{job.id}/original")
    assert (await remix(api, job)).json()["code"] == "not_remixable"
    assert (await api.http.post(f"/v1/jobs/{uuid4()}/remix", json={})).json()["code"] == "job_not_found"


@pytest.mark.parametrize(
    ("body", "code", "pointers"),
    [
        (b"{", "invalid_remix", [""]),
        (b"\xff", "invalid_remix", [""]),
        (b"[]", "invalid_remix", [""]),
        ({"stile": "pop"}, "invalid_remix", ["/stile"]),
        ({"style": "pop", "blueprint": {"style": "rock"}}, "invalid_remix", ["/style"]),
        ({"style": 1, "blueprint": 2, "notes": 3}, "invalid_remix", ["/blueprint", "/style", "/notes"]),
        ({"notes": []}, "invalid_remix", ["/notes"]),
        ({"notes": [{**NOTES[0], "pitch": 128}]}, "invalid_remix", ["/notes/0/pitch"]),
        ({"notes": [{**NOTES[0], "pitch": 60.5}]}, "invalid_remix", ["/notes/0/pitch"]),
        ({"notes": [NOTES[0], {"start": 1, "duration": 1}]}, "invalid_remix", ["/notes/1/pitch"]),
        ({"notes": [{**NOTES[0], "loudness": 1}]}, "invalid_remix", ["/notes/0"]),
        ({"notes": [NOTES[0], NOTES[0]]}, "invalid_remix", ["/notes/1/start"]),
        ({"notes": [{**NOTES[0], "start": 119.9}]}, "invalid_remix", ["/notes/0/duration"]),
        ({"notes": [NOTES[0]] * 5000}, "invalid_remix", ["/notes"]),
        ({"blueprint": {"tempo_bpm": 7, "voice": {"stability": 2}}}, "invalid_blueprint",
         ["/blueprint/tempo_bpm", "/blueprint/voice/voice_id", "/blueprint/voice/stability"]),
        ({"output_kind": "opera"}, "invalid_output_kind", ["/output_kind"]),
        ({"artifacts": ["video"]}, "unknown_artifact", ["/artifacts"]),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_pointed_at_and_leaves_nothing(
    api: ServedApi, body: Any, code: str, pointers: list[str]
) -> None:
    job = await parent(api)
    jobs, objects = len(api.jobs.rows), len(await api.store.list_page("", 1000))
    sent = {"content": body} if isinstance(body, bytes) else {"json": body}
    answer = await api.http.post(f"/v1/jobs/{job.id}/remix", **sent)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers
    assert (len(api.jobs.rows), len(await api.store.list_page("", 1000))) == (jobs, objects)


async def test_sent_again_with_its_key_it_is_one_job(api: ServedApi) -> None:
    job, key = await parent(api), {"Idempotency-Key": "k"}
    path = f"/v1/jobs/{job.id}/remix"
    first = await api.http.post(path, content=b'{"style": "pop", "artifacts": "parts"}', headers=key)
    again = await api.http.post(path, content=b'{"artifacts":"parts","style":"pop"}', headers=key)
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    other = await api.http.post(path, content=b'{"style": "rock"}', headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len([row for row in api.jobs.rows.values() if row.job.request.parent_id == job.id]) == 1


async def test_an_announced_body_is_answered_before_it_is_read(api: ServedApi) -> None:
    job, body = await parent(api), b'{"style": "pop"}'
    digest = base64.b64encode(sha256(body).digest()).decode()
    headers = {"Idempotency-Key": "announced", "Repr-Digest": f"sha-256=:{digest}:"}
    path = f"/v1/jobs/{job.id}/remix"
    first = await api.http.post(path, content=body, headers=headers)
    again = await api.http.post(path, content=b"{", headers=headers)
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")


async def test_a_remix_belongs_to_whoever_orders_it_and_others_cannot(api: ServedApi) -> None:
    job = await parent(api, owner="acme")
    acme, other = await api.new_key("acme"), await api.new_key("other")
    path = f"/v1/jobs/{job.id}/remix"
    for headers in ({}, other):
        assert (await api.http.post(path, json={}, headers=headers)).status_code == 404
    answer = await api.http.post(path, json={}, headers=acme)
    assert api.jobs.rows[JobId(UUID(answer.json()["job_id"]))].job.request.owner == "acme"


async def test_responses_are_as_they_are_documented(api: ServedApi) -> None:
    document = (await api.http.get("/openapi.json")).json()
    operation = document["paths"]["/v1/jobs/{job_id}/remix"]["post"]
    job, early = await parent(api), await parent(api, STARTED)
    for named, body, status in [(job, {}, 202), (job, {"notes": 1}, 400), (early, {}, 409)]:
        answer = await remix(api, named, **body)
        assert answer.status_code == status
        assert_documented(document, operation, answer)
    large = await api.http.post(f"/v1/jobs/{job.id}/remix", content=bytes(600_000))
    assert large.status_code == 413
    assert_documented(document, operation, large)
