"""The operator's page over a real queue: what it counts, what it does, and what it does not do by mistake."""

import os
import re
import signal
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from entrypoints.web.assets import url_of
from tests.support.complaints import Complaints
from tests.support.silence import silence
from tests.support.studio_page import axe, screenshot, wide
from tests.support.up import HUM, Up, await_that

pytestmark = pytest.mark.browser

OPERATIONS = "/v1/operations"
FEED, SCALE = "ops/feed.js", "ops/time_scale.js"


@pytest.fixture(scope="module")
def api(service: Up) -> Iterator[httpx.Client]:
    """The API, to a program on the machine itself: it needs no key to operate."""
    with httpx.Client(base_url=service.url, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def completed(api: httpx.Client) -> str:
    """A moment with everything that happens to one."""
    job_id = hum(api)
    await_that(lambda: shown(api, job_id)["status"] == "COMPLETED")
    return job_id


@pytest.fixture
def paused(api: httpx.Client) -> Iterator[None]:
    """Workers begin nothing: what waits goes on waiting. Nothing is left over from other tests."""
    act(api, "pause", {})
    unfinished = [job["id"] for job in listed(api) if job["status"] not in {"COMPLETED", "FAILED", "CANCELLED"}]
    if unfinished:
        act(api, "cancel", {"job_ids": unfinished})
    await_that(lambda: stats(api)["unfinished"] == {})
    yield
    act(api, "resume", {})


@pytest.fixture
def silent(api: httpx.Client) -> str:
    """A job that failed: its recording has no hum."""
    job_id = send(api, silence(5), "silence.wav")
    await_that(lambda: shown(api, job_id)["status"] == "FAILED")
    return job_id


def test_it_counts_what_waits_and_says_why(page: Page, api: httpx.Client, paused: None) -> None:
    for _ in range(3):
        hum(api)
    page.goto("/ops")
    expect(tile(page, "waiting")).to_have_text("3")
    expect(tile(page, "running")).to_have_text(f"0 of {sum(worker['slots'] for worker in stats(api)['workers'])}")
    waits = panel(page, "What jobs wait for")
    expect(waits.get_by_role("listitem")).to_contain_text(["3 jobs jobs_paused"])
    expect(waits.get_by_role("row", name="pending")).to_have_text("pending3")
    expect(waits.get_by_role("link", name="jobs_paused")).to_have_attribute("href", "/docs/errors#jobs_paused")
    headline = page.get_by_role("region", name="Is anything wrong?")
    expect(headline).to_contain_text("Previews are paused: new ones are accepted and wait.")
    act(api, "cancel", {"job_ids": [job["id"] for job in listed(api, status="PENDING")]})
    expect(tile(page, "waiting")).to_have_text("0")


def test_what_was_completed_is_counted(page: Page, api: httpx.Client, completed: str) -> None:
    page.goto("/ops")
    row = panel(page, "Throughput").get_by_role("row", name="completed")
    expect(row.get_by_role("cell").last).to_have_text(str(stats(api)["completed_1d"]))
    workers = page.get_by_role("table", name="Workers")
    expect(workers.get_by_role("row").nth(1)).to_contain_text(stats(api)["workers"][0]["name"])
    expect(workers.get_by_text("Cannot make")).to_be_hidden()  # it can make everything


def test_it_counts_the_files_that_are_made_on_demand(
    page: Page, api: httpx.Client, service: Up, completed: str
) -> None:
    page.goto("/ops")
    files = panel(page, "Files on demand")
    expect(files.get_by_role("definition").first).to_have_text("0")
    worker = service.parts()["worker"]
    os.kill(worker, signal.SIGSTOP)
    try:
        asked = api.get(f"/v1/jobs/{completed}/audio", params={"artifact": "vocals", "format": "m4a"})
        assert asked.json()["code"] == "artifact_not_ready"
        expect(files.get_by_role("definition").first).to_have_text("1")
    finally:
        os.kill(worker, signal.SIGCONT)
    expect(files.get_by_role("definition").first).to_have_text("0")


@pytest.mark.parametrize("name", ["a&b+c=d", "50% off/half", '#1 "best" <b>?'])
def test_names_of_workers_survive_in_links_and_forms(page: Page, name: str) -> None:
    """Whatever a host is called: workers are named after theirs."""

    def named(route: Route) -> None:
        found = route.fetch().json()
        route.fulfill(json={**found, "workers": [{**found["workers"][0], "name": name}]})

    page.route(f"**{OPERATIONS}/workers", named)
    page.goto("/ops")
    for act in (
        page.get_by_role("table", name="Workers").get_by_role("link", name=name, exact=True).click,
        page.reload,
        page.get_by_role("button", name="Show", exact=True).click,
    ):
        with page.expect_request(lambda request: f"{OPERATIONS}/jobs?" in request.url) as asked:
            act()
        assert parse_qs(urlsplit(asked.value.url).query)["worker"] == [name]
        expect(page.get_by_role("textbox", name="Worker")).to_have_value(name)


def test_kinds_are_paused_in_two_steps_and_resumed_in_one(page: Page, api: httpx.Client) -> None:
    page.goto("/ops")
    page.get_by_role("button", name="Pause songs").click()
    question(page).get_by_role("button", name="No, keep everything as it is").click()
    assert stats(api)["paused"] == []
    page.get_by_role("button", name="Pause songs").click()
    question(page).get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume songs")).to_be_visible()
    assert stats(api)["paused"] == ["song"]
    page.get_by_role("button", name="Resume songs").click()
    expect(page.get_by_role("button", name="Pause songs")).to_be_visible()
    assert stats(api)["paused"] == []


def test_a_failed_job_is_retried(page: Page, api: httpx.Client, silent: str, paused: None) -> None:
    page.goto("/ops#/jobs/?status=FAILED")
    page.get_by_role("checkbox", name=f"Choose {silent[:8]}, failed").check()
    page.get_by_role("button", name="Retry 1 job").click()
    expect(question(page)).to_contain_text("Each begins again from its recording")
    question(page).get_by_role("button", name="Retry 1 job").click()
    expect(page.locator("#outcomes")).to_contain_text("1 job is queued again.")
    assert shown(api, silent)["status"] == "PENDING"
    expect(page.get_by_role("checkbox", name=f"Choose {silent[:8]}")).to_have_count(0)  # it has not failed any more


def test_all_of_a_code_are_retried_after_a_rehearsal(page: Page, api: httpx.Client, silent: str, paused: None) -> None:
    page.goto("/ops")
    failed = page.locator(".failure", has_text="hum_silent")
    failed.get_by_role("button").click()
    found = api.post(f"{OPERATIONS}/retry-failed", json={"code": "hum_silent", "dry_run": True}).json()["outcomes"]
    expect(question(page)).to_contain_text(f"This would retry {len(found)} job")
    page.keyboard.press("Escape")
    assert shown(api, silent)["status"] == "FAILED"
    failed.get_by_role("button").click()
    question(page).get_by_role("button", name="Retry").click()
    expect(page.locator("#outcomes")).to_contain_text("queued again.")
    assert shown(api, silent)["status"] == "PENDING"


def test_several_are_chosen_with_shift_and_cancelled(page: Page, api: httpx.Client, paused: None) -> None:
    jobs = [hum(api) for _ in range(4)]
    page.goto("/ops#/jobs/?status=PENDING")
    boxes = page.get_by_role("checkbox", name="pending")
    expect(boxes).to_have_count(4)
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.get_by_text("3 jobs chosen")).to_be_visible()
    page.get_by_role("button", name="Cancel 3 jobs").click()
    question(page).get_by_role("button", name="Cancel 3 jobs").click()
    expect(page.locator("#outcomes")).to_contain_text("3 jobs are cancelled")
    expect(boxes).to_have_count(1)
    states = [shown(api, job)["status"] for job in jobs]  # the newest comes first
    assert states == ["PENDING", "CANCELLED", "CANCELLED", "CANCELLED"]


def test_deleting_says_what_goes_and_the_safe_answer_has_the_focus(
    page: Page, api: httpx.Client, silent: str, paused: None, complaints: Complaints
) -> None:
    complaints.allow("404")  # it may have asked for the job once more
    page.goto(f"/ops#/jobs/{silent}")
    page.get_by_role("button", name="Delete").click()
    expect(question(page)).to_contain_text("The recordings, the music, everything made of them")
    expect(question(page)).to_contain_text(silent[:8])
    page.keyboard.press("Enter")
    expect(question(page)).to_have_count(0)
    assert shown(api, silent)["status"] == "FAILED"
    page.get_by_role("button", name="Delete").click()
    question(page).get_by_role("button", name="Delete 1 job").click()
    expect(page.locator("#outcomes")).to_contain_text("1 job is deleted.")
    assert api.get(f"/v1/jobs/{silent}").status_code == 404


def test_what_is_refused_is_named_with_its_reason(
    page: Page, api: httpx.Client, paused: None, complaints: Complaints
) -> None:
    complaints.allow("ERR_FAILED")
    job_id = hum(api)
    page.goto("/ops#/jobs/?status=PENDING")
    page.get_by_role("checkbox", name=f"Choose {job_id[:8]}").check()
    page.route(f"**{OPERATIONS}/jobs?*", lambda route: route.abort())  # the page does not see that it goes
    api.delete(f"/v1/jobs/{job_id}").raise_for_status()
    page.get_by_role("button", name="Cancel 1 job").click()
    question(page).get_by_role("button", name="Cancel 1 job").click()
    expect(page.locator("#outcomes")).to_contain_text("1 was refused")
    expect(page.locator("#outcomes").get_by_role("link", name="job_not_found")).to_be_visible()


def test_a_timeline_has_states_and_calls(page: Page, api: httpx.Client, completed: str) -> None:
    page.goto("/ops")
    page.get_by_role("searchbox", name="Find a job by its id").fill(f"job ended job_id={completed} status=COMPLETED")
    page.keyboard.press("Enter")
    table = page.get_by_role("table", name="What happened")
    expect(table.get_by_role("row", name="completed")).to_be_visible()
    calls = api.get(f"{OPERATIONS}/jobs/{completed}").json()["calls"]
    assert calls
    for call in calls:
        expect(table.get_by_role("row", name=call["tool"])).to_contain_text(call["worker"])
    bars = table.locator(".call .bar")
    assert all(bar["width"] >= 3 for bar in map(Locator.bounding_box, bars.all()) if bar)
    facts = page.locator(".timeline .facts")
    expect(facts).to_contain_text("Ownernone (sent without a key)")
    expect(facts).to_contain_text(re.compile("Style[a-z]+Name of the recording"))
    page.get_by_role("button", name="Show the files").click()
    expect(page.get_by_role("link", name="final")).to_be_visible()


def test_a_remix_has_its_style_and_its_parent(page: Page, api: httpx.Client, completed: str) -> None:
    remix = api.post(f"/v1/jobs/{completed}/remix", json={"style": "lofi"}).raise_for_status().json()["job_id"]
    page.goto(f"/ops#/jobs/{remix}")
    facts = page.locator(".timeline .facts")
    expect(facts).to_contain_text("Stylelofi")
    facts.get_by_role("link", name=completed[:8]).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(completed)


def test_a_job_that_is_not_there_is_said_so(page: Page, complaints: Complaints) -> None:
    complaints.allow("404")
    unknown = str(uuid4())
    page.goto(f"/ops#/jobs/{unknown}")
    expect(page.get_by_text("There is no such job")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text(unknown)
    expect(page.get_by_role("button", name="Delete")).to_be_hidden()
    axe(page)
    screenshot(page, "ops-no-job")
    page.locator("#view").get_by_role("link", name="Jobs").click()
    expect(page.get_by_role("heading", level=1, name="Jobs")).to_be_visible()


def test_a_page_that_is_not_there_leads_to_those_that_are(page: Page) -> None:
    page.goto("/ops#/nowhere")
    expect(page.get_by_role("heading", level=1, name="There is no such page")).to_be_visible()
    expect(page.get_by_text("#/nowhere leads nowhere")).to_be_visible()
    page.locator("#view").get_by_role("link", name="Overview").click()
    expect(page.get_by_role("list", name="The queue now")).to_be_visible()


def test_two_quick_clicks_turn_one_page(page: Page, api: httpx.Client, paused: None) -> None:
    jobs = [hum(api) for _ in range(5)][::-1]  # the newest comes first
    asked: list[str] = []

    def two(route: Route) -> None:
        asked.append(parse_qs(urlsplit(route.request.url).query).get("cursor", [""])[0])
        route.continue_(url=route.request.url.replace("limit=50", "limit=2"))

    page.route(f"**{OPERATIONS}/jobs?*", two)
    page.goto("/ops#/jobs/?status=PENDING")
    pages = page.get_by_role("navigation", name="Pages of the list")
    older, newer = (pages.get_by_role("button", name=name) for name in ("Older", "Newer"))
    boxes = page.get_by_role("checkbox", name="pending")
    for number, shown in ((2, jobs[2:4]), (3, jobs[4:])):
        older.dblclick()
        expect(pages.get_by_role("status")).to_have_text(f"Page {number}")
        expect(boxes).to_have_count(len(shown))
        expect(boxes.first).to_have_accessible_name(f"Choose {shown[0][:8]}, pending")
    expect(older).to_be_disabled()
    assert len(dict.fromkeys(asked)) == 3
    newer.dblclick()
    expect(pages.get_by_role("status")).to_have_text("Page 2")
    expect(boxes.first).to_have_accessible_name(f"Choose {jobs[2][:8]}, pending")


def test_a_page_that_cannot_be_read_is_not_turned_to(
    page: Page, api: httpx.Client, paused: None, complaints: Complaints
) -> None:
    complaints.allow("ERR_CONNECTION_REFUSED")
    for _ in range(3):
        hum(api)
    page.route(
        f"**{OPERATIONS}/jobs?*", lambda route: route.continue_(url=route.request.url.replace("limit=50", "limit=2"))
    )
    page.goto("/ops#/jobs/?status=PENDING")
    pages = page.get_by_role("navigation", name="Pages of the list")
    expect(pages).to_be_visible()
    page.route(f"**{OPERATIONS}/jobs?*", lambda route: route.abort("connectionrefused"))
    pages.get_by_role("button", name="Older").click()
    expect(page.get_by_text("no update since")).to_be_visible()
    expect(pages.get_by_role("status")).to_have_text("Page 1")
    page.unroute(f"**{OPERATIONS}/jobs?*")
    expect(page.get_by_text("no update since")).to_be_hidden()
    expect(page.get_by_role("checkbox", name="pending")).to_have_count(3)


def test_an_error_clears_nothing_and_ends_by_itself(
    page: Page, api: httpx.Client, paused: None, complaints: Complaints
) -> None:
    complaints.allow("ERR_CONNECTION_REFUSED")
    hum(api)
    page.goto("/ops")
    expect(tile(page, "waiting")).to_have_text("1")
    page.route("**/v1/operations/**", lambda route: route.abort("connectionrefused"))
    expect(page.get_by_text("The service does not answer")).to_be_visible()
    headline = page.get_by_role("region", name="Is anything wrong?")
    expect(headline).to_contain_text("The counts cannot be read")
    expect(tile(page, "waiting")).to_have_text("1")
    hum(api)
    page.unroute("**/v1/operations/**")
    expect(tile(page, "waiting")).to_have_text("2")
    expect(page.get_by_text("The service does not answer")).to_be_hidden()
    expect(headline).not_to_contain_text("The counts cannot be read")


def test_before_anything_is_read_nothing_is_said_to_be_well(page: Page, complaints: Complaints) -> None:
    complaints.allow("ERR_CONNECTION_REFUSED")
    page.route("**/v1/operations/**", lambda route: route.abort("connectionrefused"))
    page.goto("/ops")
    expect(page.get_by_role("region", name="Is anything wrong?")).to_contain_text("The counts cannot be read")
    expect(page.get_by_text("Nothing has failed")).to_be_hidden()


def test_an_address_that_means_nothing_is_a_page_that_says_so(page: Page, complaints: Complaints) -> None:
    complaints.allow("404|400")
    page.goto("/ops#/jobs/%E0%A4%A")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Job")


def test_focus_and_choice_outlive_what_changes(page: Page, api: httpx.Client, paused: None) -> None:
    chosen, other = hum(api), hum(api)
    page.goto("/ops#/jobs/?status=PENDING")
    page.get_by_role("checkbox", name=f"Choose {chosen[:8]}").check()
    page.get_by_role("link", name=chosen[:8]).focus()
    newest = hum(api)
    act(api, "cancel", {"job_ids": [other]})
    expect(page.get_by_role("link", name=newest[:8])).to_be_visible()
    expect(page.get_by_role("checkbox", name=f"Choose {chosen[:8]}")).to_be_checked()
    expect(page.get_by_role("link", name=chosen[:8])).to_be_focused()


@pytest.mark.parametrize(
    ("facts", "least", "most"),
    [
        ({}, 3_000, 3_000),
        ({"took": 2_000}, 20_000, 20_000),  # a tenth of the time at most
        ({"took": 60_000}, 120_000, 120_000),
        ({"hidden": True}, 30_000, 30_000),
        ({"failures": 1}, 1_500, 3_000),
        ({"failures": 9, "chance": 1}, 30_000, 30_000),
        ({"failures": 9, "chance": 0}, 15_000, 15_000),
        ({"failures": 1, "gone": True}, 120_000, 120_000),
    ],
)
def test_it_asks_less_often_where_answers_are_slow_or_unseen(
    page: Page, facts: dict[str, object], least: int, most: int
) -> None:
    usual = {"every": 3_000, "took": 40, "failures": 0, "gone": False, "hidden": False, "chance": 0.5}
    page.goto("/ops")
    rest = page.evaluate("async ([url, facts]) => (await import(url)).restOf(facts)", [url_of(FEED), usual | facts])
    assert least <= rest <= most


def test_hours_without_activity_do_not_hide_seconds_of_work(page: Page) -> None:
    spans = [{"start": 0, "end": 0}, {"start": 36_000, "end": 36_002}, {"start": 36_002, "end": 36_010}]
    page.goto("/ops")
    drawn = """async ([url, spans, times]) => {
        const { at, pauses } = (await import(url)).timeScale(spans);
        return { places: times.map(at), pauses };
    }"""
    found = page.evaluate(drawn, [url_of(SCALE), spans, [0, 36_000, 36_002, 36_010]])
    assert found["pauses"] == [{"start": 0, "end": 36_000}]
    start, began, turned, ended = found["places"]
    assert (start, ended) == (0, 1)
    assert began < 0.2
    assert (ended - turned) / (turned - began) == pytest.approx(4)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(small_phone: Page, completed: str, silent: str, scheme: str) -> None:
    small_phone.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of two
    for name, address, ready in (
        ("overview", "/ops", small_phone.get_by_role("table", name="Workers")),
        ("jobs", "/ops#/jobs", small_phone.get_by_role("table", name="Jobs")),
        ("job", f"/ops#/jobs/{completed}", small_phone.get_by_role("table", name="What happened")),
    ):
        small_phone.goto(address)
        expect(ready).to_be_visible()
        assert wide(small_phone) == []
        axe(small_phone)
        screenshot(small_phone, f"ops-{name}-{scheme}")


def tile(page: Page, name: str) -> Locator:
    return page.get_by_role("list", name="The queue now").locator("li", has_text=name).locator("strong")


def panel(page: Page, title: str) -> Locator:
    return page.locator("section", has=page.get_by_role("heading", name=title, exact=True))


def question(page: Page) -> Locator:
    return page.get_by_role("dialog")


def hum(api: httpx.Client) -> str:
    return send(api, HUM.read_bytes(), "hum.wav")


def send(api: httpx.Client, recording: bytes, name: str) -> str:
    sent = api.post("/v1/create-moment", files={"file": (name, recording)}).raise_for_status()
    job_id: str = sent.json()["job_id"]
    return job_id


def shown(api: httpx.Client, job_id: str) -> dict[str, object]:
    status: dict[str, object] = api.get(f"/v1/jobs/{job_id}").raise_for_status().json()
    return status


def stats(api: httpx.Client) -> dict[str, Any]:
    counted: dict[str, Any] = api.get(f"{OPERATIONS}/stats").raise_for_status().json()
    return counted


def listed(api: httpx.Client, **which: str) -> list[dict[str, str]]:
    jobs: list[dict[str, str]] = api.get(f"{OPERATIONS}/jobs", params=which).raise_for_status().json()["jobs"]
    return jobs


def act(api: httpx.Client, action: str, body: dict[str, object]) -> None:
    api.post(f"{OPERATIONS}/{action}", json=body).raise_for_status()
