"""Links to music over HTTP: whoever has one hears the music, and learns nothing that gives power over the moment."""

import re
import struct
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any, cast
from uuid import uuid4

import httpx
import msgspec
import pytest

from application.ports.objects import StorageUnavailable
from domain.blueprints.metadata import to_json
from domain.jobs.artifacts import Stem
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus
from domain.music.score import FormSection
from tests.contract.test_openapi import assert_documented
from tests.support.api import ServedApi, serving_api
from tests.support.fake_faults import ALWAYS
from tests.support.fake_shares import InMemoryShares
from tests.support.fake_store import InMemoryStore
from tests.support.fake_tools import ANALYSIS
from tests.support.housekeeping import housekeeping
from tests.support.jobs import a_job_that_is
from tests.support.pipeline import in_pieces

pytestmark = pytest.mark.anyio

MUSIC = b"music of a moment"
SECRETS = ("my hum.wav", "my reference", "my value", "my own words")


@pytest.fixture(scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path_factory.mktemp("objects")) as served:
        yield served


async def finished(api: ServedApi) -> Job:
    """Add a completed job whose music is stored, and that knows secrets."""
    job_id = JobId(uuid4())
    job = a_job_that_is(JobStatus.COMPLETED, job_id)
    blueprint = msgspec.structs.replace(job.blueprint, style="lofi my own words") if job.blueprint else None
    request = msgspec.structs.replace(
        job.request, filename=SECRETS[0], client_reference=SECRETS[1], client_metadata={"my": SECRETS[2]}
    )
    final = await api.store.put(f"{job_id}/1/final.mp3", in_pieces(MUSIC), "audio/mpeg")
    job = msgspec.structs.replace(job, final=final, blueprint=blueprint, request=request)
    await api.jobs.add(job)
    return job


async def share(api: ServedApi, job: Job) -> dict[str, Any]:
    answer = await api.http.post(f"/v1/jobs/{job.id}/share")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def copies(api: ServedApi) -> list[str]:
    return [stored.key for stored in await api.store.list_page("", 1000) if stored.key.startswith("shared/")]


class Page(HTMLParser):
    """What a page is made of: tags with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def meta(self) -> dict[str, str]:
        found = [attributes for tag, attributes in self.tags if tag == "meta" and "content" in attributes]
        return {each.get("property") or each.get("name", ""): each["content"] for each in found}


async def test_the_link_is_the_same_until_it_is_revoked_and_cannot_be_guessed(api: ServedApi) -> None:
    job, other = await finished(api), await finished(api)
    first, again, others = await share(api, job), await share(api, job), await share(api, other)
    assert first == again
    assert first["url"] == f"{api.http.base_url}/m/{first['token']}".replace("//m", "/m")
    assert re.fullmatch(r"[\w-]{32}", first["token"])  # 192 bits
    assert others["token"] != first["token"]
    assert (await api.http.delete(f"/v1/jobs/{job.id}/share")).status_code == 204
    assert (await api.http.delete(f"/v1/jobs/{job.id}/share")).status_code == 204
    assert (await api.http.get(first["url"])).status_code == 404
    assert (await share(api, job))["token"] != first["token"]
    assert (await api.http.get(others["url"])).status_code == 200


async def test_the_page_plays_without_scripts_and_previews_well(api: ServedApi) -> None:
    shared = await share(api, await finished(api))
    answer = await api.http.get(shared["url"])
    page = Page(answer.text)
    (audio,) = [attributes for tag, attributes in page.tags if tag == "audio"]
    assert audio["src"] == f"/m/{shared['token']}/audio"
    assert "script" not in {tag for tag, _ in page.tags}
    meta = page.meta()
    assert meta["og:title"] == meta["twitter:title"] == "Lofi theme"
    assert meta["og:description"] == "Lofi, A minor, 96 bpm"
    assert (meta["og:url"], meta["og:audio"]) == (shared["url"], f"{shared['url']}/audio")
    assert (meta["og:type"], meta["og:audio:type"], meta["robots"]) == ("music.song", "audio/mpeg", "noindex")
    assert meta["og:image"] == meta["twitter:image"] == f"{shared['url']}/picture.png"
    assert (meta["og:image:width"], meta["og:image:height"], meta["og:image:type"]) == ("1200", "630", "image/png")
    assert (meta["twitter:card"], meta["og:image:alt"]) == ("summary_large_image", meta["twitter:image:alt"])
    assert not [attributes for _, attributes in page.tags if "style" in attributes]
    policy = answer.headers["content-security-policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert f"media-src 'self' blob: {str(api.http.base_url).rstrip('/')}" in policy
    assert (answer.headers["x-robots-tag"], answer.headers["cache-control"]) == ("noindex", "no-store")


async def test_the_music_is_at_a_url_of_now_that_tells_no_id(api: ServedApi) -> None:
    job = await finished(api)
    shared = await share(api, job)
    answer = await api.http.get(f"{shared['url']}/audio")
    assert (answer.status_code, answer.headers["cache-control"]) == (302, "no-store")
    music = await api.http.get(answer.headers["location"])
    assert (music.content, music.headers["content-type"]) == (MUSIC, "audio/mpeg")
    for url in (shared["url"], f"{shared['url']}/audio"):
        got, head = await api.http.get(url), await api.http.head(url)
        assert (head.status_code, head.content) == (got.status_code, b"")
        told = f"{got.headers} {got.text}"
        assert not [secret for secret in (str(job.id), job.id.hex, *SECRETS) if secret in told]


async def test_json_is_for_who_asks_for_it(api: ServedApi) -> None:
    shared = await share(api, await finished(api))
    answer = await api.http.get(shared["url"], headers={"Accept": "application/json"})
    assert answer.json() == {
        "title": "Lofi theme", "style": "lofi", "output_kind": "preview", "key": "Am", "tempo_bpm": 96,
        "seconds": None, "content_type": "audio/mpeg", "audio_url": f"/m/{shared['token']}/audio",
        "picture_url": f"/m/{shared['token']}/picture.png", "sections": [], "notes": [],
    }  # fmt: skip
    assert answer.headers["vary"] == "Accept"


async def test_the_picture_is_kept_by_those_who_ask_again_and_ends_with_the_link(api: ServedApi) -> None:
    job = await finished(api)
    shared = await share(api, job)
    url = f"{shared['url']}/picture.png"
    picture = await api.http.get(url)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert struct.unpack_from(">II", picture.content, 16) == (1200, 630)
    tag = picture.headers["etag"]
    for known in (tag, f"W/{tag}", f'"older", {tag}'):
        again = await api.http.get(url, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await api.http.head(url)).headers["content-length"] == str(len(picture.content))
    other = await finished(api)
    heard = {"analysis": to_json(ANALYSIS)}
    assert other.blueprint
    row = api.jobs.rows[other.id]
    row.job = msgspec.structs.replace(other, blueprint=msgspec.structs.replace(other.blueprint, metadata=heard))
    others = await api.http.get(f"{(await share(api, other))['url']}/picture.png")
    assert others.content != picture.content
    assert (await api.http.delete(f"/v1/jobs/{job.id}/share")).status_code == 204
    for headers in ({}, {"If-None-Match": picture.headers["etag"]}):
        gone = await api.http.get(url, headers=headers)
        assert (gone.status_code, gone.json()["code"]) == (404, "share_not_found")


async def test_the_form_is_told_without_its_words_and_the_tune_as_it_was_meant(api: ServedApi) -> None:
    job = await finished(api)
    band, form = job.checkpoints[Stem.INSTRUMENTAL], (FormSection("my own words", 0.0, 4.0, 2, 0.5, "Am"),)
    assert job.blueprint
    heard = msgspec.structs.replace(ANALYSIS, written=(60, 62, 64, 65, 67, 64, 61))
    known = msgspec.structs.replace(job.blueprint, metadata={"analysis": to_json(heard), "mine": "my own words"})
    stems = {**job.checkpoints, Stem.INSTRUMENTAL: msgspec.structs.replace(band, form=form)}
    api.jobs.rows[job.id].job = msgspec.structs.replace(job, blueprint=known, checkpoints=stems)
    shared = await share(api, job)
    page = await api.http.get(shared["url"])
    told = await api.http.get(shared["url"], headers={"Accept": "application/json"})
    assert told.json()["sections"] == [{"start": 0.0, "end": 4.0, "energy": 0.5}]
    assert [note["pitch"] for note in told.json()["notes"]] == [60, 62, 64, 65, 67, 64, 61]
    assert "<svg" in page.text
    assert "my own words" not in page.text + told.text


async def test_an_analysis_that_nobody_can_read_is_left_out(api: ServedApi) -> None:
    job = await finished(api)
    assert job.blueprint
    odd = msgspec.structs.replace(job.blueprint, metadata={"analysis": {"notes": "do re mi"}})
    api.jobs.rows[job.id].job = msgspec.structs.replace(job, blueprint=odd)
    shared = await share(api, job)
    assert (await api.http.get(shared["url"])).status_code == 200
    told = await api.http.get(shared["url"], headers={"Accept": "application/json"})
    assert told.json()["notes"] == []


@pytest.mark.parametrize(
    ("end", "energy"),
    [(4.0, 1.5), (4.0, -1.0), (4.0, 1e308), (-4.0, 0.5), (1e308, 0.5), (float("inf"), 0.5), (float("nan"), 0.5)],
)
async def test_sections_and_lengths_that_cannot_be_are_left_out(api: ServedApi, end: float, energy: float) -> None:
    job = await finished(api)
    band = job.checkpoints[Stem.INSTRUMENTAL]
    odd = msgspec.structs.replace(band, form=(FormSection("A", 0.0, end, 2, energy, "Am"),), detail={"duration": end})
    api.jobs.rows[job.id].job = msgspec.structs.replace(job, checkpoints={Stem.INSTRUMENTAL: odd})
    url = (await share(api, job))["url"]
    told = await api.http.get(url, headers={"Accept": "application/json"})
    assert (told.status_code, told.json()["sections"]) == (200, [])
    assert told.json()["seconds"] == (end if end == 4.0 else None)
    for path in ("", "/picture.png"):
        assert (await api.http.get(url + path)).status_code == 200


async def test_music_that_old_browsers_cannot_play_says_so(api: ServedApi) -> None:
    job = await finished(api)
    final = await api.store.put(f"{job.id}/1/final.opus", in_pieces(MUSIC), "audio/ogg")
    api.jobs.rows[job.id].job = msgspec.structs.replace(job, final=final)
    assert "Safari" in (await api.http.get((await share(api, job))["url"])).text
    assert "Safari" not in (await api.http.get((await share(api, await finished(api)))["url"])).text


async def test_unknown_links_are_a_page_or_a_problem(api: ServedApi) -> None:
    for token in ("nothing", "x" * 500, "%00", "ü"):
        page = await api.http.get(f"/m/{token}")
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "script-src" not in page.headers["content-security-policy"]
        for answer in (
            await api.http.get(f"/m/{token}", headers={"Accept": "application/json"}),
            await api.http.get(f"/m/{token}/audio"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "share_not_found")


async def test_only_music_is_shared(api: ServedApi) -> None:
    for status, code, expected in [
        (JobStatus.MIXING, "artifact_not_ready", 409),
        (JobStatus.FAILED, "artifact_not_found", 404),
        (JobStatus.COMPLETED, "artifact_not_found", 404),  # its object is not stored
    ]:
        job = a_job_that_is(status, JobId(uuid4()))
        await api.jobs.add(job)
        answer = await api.http.post(f"/v1/jobs/{job.id}/share")
        assert (answer.status_code, answer.json()["code"]) == (expected, code)
    for method in ("POST", "DELETE"):
        answer = await api.http.request(method, f"/v1/jobs/{uuid4()}/share")
        assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")


async def test_nothing_is_left_of_a_link_whose_moment_is_deleted(api: ServedApi) -> None:
    job = await finished(api)
    shared = await share(api, job)
    before = await copies(api)
    assert (await api.http.delete(f"/v1/jobs/{job.id}")).status_code == 204
    assert (await api.http.get(shared["url"])).status_code == 404
    assert len(await copies(api)) == len(before) - 1


async def test_what_cannot_be_deleted_now_goes_in_the_next_round(api: ServedApi) -> None:
    job, gone = await finished(api), await finished(api)
    shared = [await share(api, each) for each in (job, gone)]
    before = await copies(api)
    away = InMemoryStore()
    away.faults.fail("delete", StorageUnavailable("away"), times=ALWAYS)
    with api.container.store.override(away):
        assert (await api.http.delete(f"/v1/jobs/{job.id}/share")).status_code == 204
    api.jobs.rows.pop(gone.id)  # retention removed it
    for each in shared:
        assert (await api.http.get(each["url"])).status_code == 404
    assert await copies(api) == before
    shares = cast("InMemoryShares", api.container.shares())
    await housekeeping(api.container.retention_store(), api.orphans, api.store, shares=shares).tidy()
    assert len(await copies(api)) == len(before) - 2
    assert not {each["token"] for each in shared} & set(shares.rows)


async def test_a_link_that_is_revoked_while_it_is_made_leaves_no_copy(
    api: ServedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, before = await finished(api), await copies(api)
    copy = api.store.copy

    async def slow(source: str, target: str) -> Any:
        await api.http.delete(f"/v1/jobs/{job.id}/share")
        return await copy(source, target)

    monkeypatch.setattr(api.store, "copy", slow)
    shared = await share(api, job)
    assert (await api.http.get(shared["url"])).status_code == 404
    assert await copies(api) == before


async def test_responses_are_as_they_are_documented(api: ServedApi) -> None:
    document = (await api.http.get("/openapi.json")).json()
    job, early = await finished(api), a_job_that_is(JobStatus.MIXING, JobId(uuid4()))
    await api.jobs.add(early)
    shared = await share(api, job)
    path, token = "/v1/jobs/{job_id}/share", shared["token"]
    json = {"Accept": "application/json"}
    calls: list[tuple[str, str, str, dict[str, str], int]] = [
        ("post", path, f"/v1/jobs/{job.id}/share", {}, 200),
        ("post", path, f"/v1/jobs/{early.id}/share", {}, 409),
        ("get", "/m/{token}", f"/m/{token}", json, 200),
        ("get", "/m/{token}", "/m/none", json, 404),
        ("get", "/m/{token}/audio", f"/m/{token}/audio", {}, 302),
        ("get", "/m/{token}/audio", "/m/none/audio", {}, 404),
        ("get", "/m/{token}/picture.png", "/m/none/picture.png", {}, 404),
        ("delete", path, f"/v1/jobs/{job.id}/share", {}, 204),
        ("delete", path, f"/v1/jobs/{uuid4()}/share", {}, 404),
    ]
    for method, template, url, headers, status in calls:
        answer: httpx.Response = await api.http.request(method, url, headers=headers)
        assert answer.status_code == status, (method, url)
        assert_documented(document, document["paths"][template][method], answer)
    responses = document["paths"]["/m/{token}"]["get"]["responses"]
    assert set(responses["200"]["content"]) == {"text/html", "application/json"}
    assert set(responses["404"]["content"]) == {"text/html", "application/problem+json"}
    picture = document["paths"]["/m/{token}/picture.png"]["get"]["responses"]["200"]
    assert "PNG" in picture["description"]
    assert "ETag" in picture["headers"]
