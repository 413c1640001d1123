"""Samples of styles over HTTP: made once by a worker, kept for everybody, told why they are not there yet."""

from collections.abc import AsyncIterator
from pathlib import Path
from unittest.mock import patch

import anyio
import httpx
import pytest

from application.access import Permission
from application.ports.conversions import NO_JOB
from application.ports.tools import ToolFailed, ToolsUnavailable
from application.ports.workers import WorkerReport
from application.samples import SAMPLES_PREFIX, sample_key, sample_order
from domain.blueprints.blueprint import OutputKind
from domain.music.styles.registry import STYLES
from tests.contract.test_openapi import assert_documented
from tests.support.api import ServedApi, serving_api
from tests.support.fake_faults import ALWAYS
from tests.support.making import conversions, tools_of, worker

pytestmark = pytest.mark.anyio


@pytest.fixture
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path_factory.mktemp("objects")) as served:
        yield served


async def ask(api: ServedApi, style: str, wait: int = 0, key: dict[str, str] | None = None) -> httpx.Response:
    preference = {"Prefer": f"wait={wait}"} if wait else {}
    return await api.http.get(f"/v1/styles/{style}/sample", headers={**preference, **(key or {})})


async def test_a_sample_is_made_once_for_all_who_ask(api: ServedApi) -> None:
    tools, answers = tools_of(api), list[httpx.Response]()

    async def wait() -> None:
        answers.append(await ask(api, "lofi", wait=10))

    async with worker(api, tools), anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(wait)
    assert [answer.status_code for answer in answers] == [302] * 4
    heard = await api.http.get(answers[0].headers["location"])
    assert (heard.content, heard.headers["content-type"]) == (b"mastered song", "audio/mpeg")
    assert (tools.calls["create_song"], tools.mixes) == (1, [{}])
    assert conversions(api).rows == {}
    assert (await ask(api, "lofi")).status_code == 302
    assert [stored.key for stored in await api.store.list_page(SAMPLES_PREFIX, 10)] == [sample_key("lofi")]


async def test_every_style_names_its_sample_and_an_unknown_one_has_none(api: ServedApi) -> None:
    entries = (await api.http.get("/v1/styles")).json()

    async def hear(entry: dict[str, str]) -> None:
        assert (await api.http.get(entry["sample_url"], headers={"Prefer": "wait=10"})).status_code == 302
        assert entry["description"].endswith(".")
        assert "dark" in entry["moods"]

    async with worker(api, tools_of(api)), anyio.create_task_group() as group:
        for entry in entries:
            group.start_soon(hear, entry)
    assert len(await api.store.list_page(SAMPLES_PREFIX, 100)) == len(STYLES)
    for name in ("polka", "lofi synthwave", "x" * 500):
        unknown = await ask(api, name)
        assert (unknown.status_code, unknown.json()["code"]) == (404, "style_not_found")
    assert conversions(api).rows == {}


async def test_who_does_not_wait_is_told_to_come_back_and_what_is_away(api: ServedApi) -> None:
    alone = await ask(api, "rock")
    assert (alone.status_code, alone.json()["code"], alone.json()["retryable"]) == (409, "artifact_not_ready", True)
    assert int(alone.headers["retry-after"]) > 0
    assert "worker_missing" in alone.json()["detail"]
    waiting = {OutputKind.SONG: "tools_unavailable"}
    report = WorkerReport(name="w", version="1", host="h", slots=8, running=0, waiting_for=waiting)
    await api.container.worker_registry().report(report)
    assert "tools_unavailable" in (await ask(api, "rock")).json()["detail"]
    await api.container.worker_registry().report(WorkerReport(name="v", version="1", host="h", slots=8, running=0))
    assert (await ask(api, "rock")).json()["detail"].endswith("is being made")


async def test_what_is_away_is_waited_for(api: ServedApi) -> None:
    tools = tools_of(api)
    tools.fail("create_song", *[ToolsUnavailable("away")] * 3)
    async with worker(api, tools):
        assert (await ask(api, "pop", wait=10)).status_code == 302


@pytest.mark.parametrize("lacks_tool", [False, True])
async def test_a_failure_is_told_and_ends(api: ServedApi, *, lacks_tool: bool) -> None:
    tools = tools_of(api)
    tools.faults.fail("create_song", ToolFailed("no luck", code="encoding_failed"), times=ALWAYS)
    if lacks_tool:
        tools.ours, tools.tools = False, tools.tools - {"create_song"}
    await ask(api, "pop")
    async with worker(api, tools):
        with anyio.fail_after(5):
            while (answer := await ask(api, "pop")).status_code == 409:
                await anyio.sleep(0.02)
    assert (answer.status_code, answer.json()["code"]) == (503, "conversion_failed")
    assert (await ask(api, "rock")).status_code == 409


async def test_a_sample_that_vanished_is_made_again(api: ServedApi) -> None:
    tools = tools_of(api)
    with patch("application.moments.find_sample.TRUSTED_SECONDS", 0.0):
        async with worker(api, tools):
            assert (await ask(api, "pop", wait=10)).status_code == 302
            await api.store.delete(SAMPLES_PREFIX)
            assert (await ask(api, "pop", wait=10)).status_code == 302
    assert tools.calls["create_song"] == 2


async def test_workers_of_another_version_leave_it_to_those_of_ours(api: ServedApi) -> None:
    tools = tools_of(api)
    await conversions(api).request(NO_JOB, f"{sample_order('pop')} of another version")
    async with worker(api, tools, chance=0.5):
        assert (await ask(api, "pop", wait=10)).status_code == 302
    (row,) = conversions(api).rows.values()
    assert (row.failed_at, row.errors) == (None, 0)


async def test_with_keys_a_sample_belongs_to_everybody_who_may_read(tmp_path: Path) -> None:
    async with serving_api(tmp_path, REQUIRE_KEYS="true") as closed:
        reader = await closed.new_key("reader", Permission.READ)
        other = await closed.new_key("other")
        assert (await ask(closed, "pop")).json()["code"] == "key_missing"
        async with worker(closed, tools_of(closed)):
            first = await ask(closed, "pop", wait=10, key=reader)
        assert (first.status_code, (await ask(closed, "pop", key=other)).status_code) == (302, 302)
        assert "ratelimit" in (await ask(closed, "pop", key=reader)).headers


async def test_responses_are_as_they_are_documented(api: ServedApi) -> None:
    document = (await api.http.get("/openapi.json")).json()
    operation = document["paths"]["/v1/styles/{style}/sample"]["get"]
    assert {parameter["name"] for parameter in operation["parameters"]} == {"style", "redirect", "Prefer"}
    async with worker(api, tools_of(api)):
        assert_documented(document, operation, await ask(api, "pop", wait=10))
    for style, status in [("rock", 409), ("polka", 404)]:
        answer = await ask(api, style)
        assert answer.status_code == status
        assert_documented(document, operation, answer)
    link = await api.http.get("/v1/styles/pop/sample", params={"redirect": "false"})
    assert (await api.http.get(link.json()["url"])).content == b"mastered song"
    assert_documented(document, operation, link)
    head = await api.http.head("/v1/styles/pop/sample")
    assert (head.status_code, head.content) == (302, b"")
