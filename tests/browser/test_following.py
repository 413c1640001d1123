"""A moment is followed while it is made: each stage with what it found, whatever happens to page and service."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from entrypoints.local.network import free_port
from tests.support.complaints import Complaints
from tests.support.held_moments import HeldMoments
from tests.support.silence import silence
from tests.support.studio_page import axe, screenshot, wide
from tests.support.up import Up, up

pytestmark = pytest.mark.browser

AWAY = "ERR_|Failed to load|50[0-9]"
"""What Chromium complains of while a service is away."""


@pytest.fixture(scope="module")
def moments(service: Up) -> HeldMoments:
    return HeldMoments(service)


@pytest.fixture
def waiting(moments: HeldMoments) -> Iterator[str]:
    """A moment that waits, since the service is paused; whoever resumes it lets it be made."""
    with moments.paused():
        yield moments.create()


def open_moment(page: Page, job_id: str) -> None:
    page.goto(f"/#/moments/{job_id}")


def drawn(page: Page) -> bool:
    """Return whether something is on the roll: more colours than an empty one has."""
    return bool(
        page.evaluate("""() => {
            const roll = document.querySelector('.heard canvas');
            const dots = new Uint32Array(roll.getContext('2d').getImageData(0, 0, roll.width, roll.height).data.buffer);
            return new Set(dots).size > 20;
        }""")
    )


@pytest.mark.parametrize("reloads", [False, True], ids=["without a reload", "reloaded in every stage"])
def test_each_stage_shows_what_it_found(page: Page, moments: HeldMoments, waiting: str, reloads: bool) -> None:
    def look() -> None:
        if reloads:
            page.reload()

    open_moment(page, waiting)
    expect(page.get_by_text("whoever runs this service has paused it")).to_be_visible()
    look()
    expect(page).to_have_title("Waiting … · Main Character Moment")
    with moments.frozen_tools():
        moments.resume()
        look()
        expect(page.get_by_text("Listening to your tune")).to_be_visible()
        expect(page.locator("[aria-current=step] .name")).to_have_text("Listen")
        expect(page.locator(".heard")).to_be_hidden()
    moments.await_state(waiting, "RENDERING")
    with moments.frozen_tools():
        look()
        expect(page.locator("[aria-current=step] .name")).to_have_text("Play")
        expect(page.locator(".facts")).to_contain_text("D minor")
        expect(page.locator(".facts")).to_contain_text("120 bpm")
        expect(page.get_by_role("img", name="30 notes between A3 and B♭4")).to_be_visible()
        page.wait_for_function("() => !document.querySelector('.heard').hidden")
        assert drawn(page)
    moments.await_state(waiting, "MIXING")
    with moments.frozen_tools():
        look()
        expect(page.get_by_text("Voice and band are ready")).to_be_visible()
        expect(page.locator(".stages li", has_text="Play")).to_contain_text("15 chords")
        expect(page.locator(".chords li", has_text="A/C♯")).to_be_visible()
        expect(page.locator(".player")).to_be_visible()
    expect(page.get_by_text("cinematic, D minor, 120 bpm.")).to_be_visible()
    look()
    expect(page).to_have_title("♪ Your moment is ready · Main Character Moment")
    expect(page.locator(".stages")).to_be_hidden()
    page.get_by_text("How it was made").click()
    expect(page.locator(".stages .done")).to_have_count(5)
    page.goto("/#/mine")
    expect(page.get_by_role("heading", level=1, name="My moments")).to_be_visible()
    page.go_back()
    expect(page.get_by_text(re.compile(r"^Made in \d"))).to_be_visible()
    expect(page).to_have_title("Your moment · Main Character Moment")  # an old one is no news
    expect(page.locator(".stages")).to_be_hidden()
    expect(page.get_by_role("button", name="Stop making it")).to_be_hidden()


def test_the_notes_can_be_read_without_seeing_them(page: Page, moments: HeldMoments) -> None:
    job_id = moments.create()
    open_moment(page, job_id)
    page.get_by_text("The notes as a table").click()
    rows = page.get_by_role("table", name="The notes that were heard").get_by_role("row")
    expect(rows).to_have_count(31)
    expect(rows.nth(1)).to_contain_text("A3")
    assert moments.status(job_id)["blueprint_json"]["metadata"]["analysis"]["key"] == "Dm"
    expect(rows.filter(has_text="B♭4")).to_have_count(2)


def test_it_goes_on_when_the_service_is_killed(
    page: Page, moments: HeldMoments, waiting: str, service: Up, complaints: Complaints
) -> None:
    complaints.allow(AWAY)
    streams: list[Request] = []
    page.on("request", lambda request: streams.append(request) if request.url.endswith("/events") else None)
    with page.expect_response("**/events"):
        open_moment(page, waiting)
    killed = service.parts()["api"]
    with page.expect_response("**/events"):
        kill_api(service)
        expect(page.get_by_text("The service does not answer. Trying again")).to_be_visible()
    expect(page.get_by_text("The service does not answer")).to_be_hidden()
    assert service.parts()["api"] != killed
    assert streams[-1].header_value("last-event-id") == "0.0"
    moments.resume()
    expect(page.get_by_text("cinematic, D minor, 120 bpm.")).to_be_visible()


def kill_api(service: Up) -> None:
    os.kill(service.parts()["api"], signal.SIGKILL)


@pytest.mark.timeout(240)
def test_what_is_said_of_an_outage_is_of_its_last_try(page: Page, waiting: str, complaints: Complaints) -> None:
    complaints.allow("503|ERR_CONNECTION_REFUSED")
    open_moment(page, waiting)
    expect(page.get_by_text("paused it")).to_be_visible()
    refusal = '{"code": "database_unavailable", "detail": "the database does not answer; try again", "status": 503}'
    asked = re.compile(f"/v1/jobs/{waiting}")
    page.route(asked, lambda route: route.fulfill(status=503, content_type="application/problem+json", body=refusal))
    page.reload()
    expect(page.get_by_text("the database does not answer")).to_be_visible()
    page.unroute(asked)
    page.route(asked, lambda route: route.abort("connectionrefused"))
    expect(page.get_by_text("The service does not answer")).to_be_visible()


def test_it_goes_on_when_everything_is_killed(
    browser: Browser, browser_context_args: dict[str, Any], tmp_path: Path
) -> None:
    port = free_port()
    studio = f"http://localhost:{port}"
    page = browser.new_context(**browser_context_args | {"base_url": studio}).new_page()
    with up(tmp_path / "data", port) as before:
        before.await_ready()
        moments = HeldMoments(before)
        moments.pause()
        job_id = moments.create()
        open_moment(page, job_id)
        expect(page.get_by_text("paused it")).to_be_visible()
        kill_all(before)
        expect(page.get_by_text("The service does not answer")).to_be_visible()
    with up(tmp_path / "data", port) as after:
        after.await_ready()
        HeldMoments(after).resume()
        expect(page.get_by_text("cinematic, D minor, 120 bpm.")).to_be_visible()
    page.context.close()


def kill_all(service: Up) -> None:
    parent = psutil.Process(service.process.pid)
    for process in [parent, *parent.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    service.process.wait()


def test_what_was_not_understood_is_said(page: Page, moments: HeldMoments) -> None:
    open_moment(page, moments.create(blueprint_json='{"style": "zydeco"}'))
    expect(page.get_by_role("list", name="Please note")).to_contain_text("The style: no style is known by these words")


def test_a_slow_network_only_takes_longer(context: BrowserContext, page: Page, moments: HeldMoments) -> None:
    throttled = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", throttled)
    open_moment(page, moments.create())
    expect(page.get_by_text("cinematic, D minor, 120 bpm.")).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("D minor")
    expect(page).to_have_title("♪ Your moment is ready · Main Character Moment")


def test_stopping_it_is_seen_in_every_tab(context: BrowserContext, waiting: str) -> None:
    first, second = context.new_page(), context.new_page()
    open_moment(first, waiting)
    open_moment(second, waiting)
    expect(second.get_by_role("button", name="Stop making it")).to_be_visible()
    first.get_by_role("button", name="Stop making it").click()
    for page in (first, second):
        expect(page.get_by_text("You stopped this one")).to_be_visible()
        expect(page).to_have_title("Stopped · Main Character Moment")
        expect(page.get_by_role("link", name="Hum again")).to_be_visible()
        expect(page.get_by_role("button", name="Stop making it")).to_be_hidden()


def test_a_failed_moment_can_be_tried_again(page: Page, moments: HeldMoments) -> None:
    with moments.paused():
        job_id = moments.create(deadline_seconds="1")
        open_moment(page, job_id)
        expect(page.get_by_text("That was not your fault")).to_be_visible()
        expect(page).to_have_title("It did not work · Main Character Moment")
        axe(page)
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("[aria-current=step] .name")).to_have_text("Wait")
        expect(page.get_by_role("button", name="Try again")).to_be_hidden()
    expect(page.get_by_text("cinematic, D minor, 120 bpm.")).to_be_visible()


def test_a_silent_recording_is_hummed_again(page: Page, moments: HeldMoments) -> None:
    open_moment(page, moments.create(silence(3)))
    expect(page.get_by_text("There is nothing to hear in the recording.")).to_be_visible()
    expect(page.get_by_text("not muted")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()
    page.get_by_role("link", name="Hum again").click()
    expect(page).to_have_title("Main Character Moment")


def test_without_a_stream_it_asks(page: Page, waiting: str, moments: HeldMoments, complaints: Complaints) -> None:
    complaints.allow("429")

    def refuse(route: Route) -> None:
        problem = '{"code": "too_many_streams", "status": 429, "detail": "too many", "retryable": true}'
        route.fulfill(status=429, body=problem, headers={"Retry-After": "30"})

    page.route("**/events", refuse)
    open_moment(page, waiting)
    expect(page.get_by_text("paused it")).to_be_visible()
    moments.resume()
    expect(page.get_by_text("cinematic, D minor, 120 bpm.")).to_be_visible()


def test_an_unchanged_status_is_not_sent_again(page: Page, waiting: str) -> None:
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(answer.status) if answer.url.endswith(waiting) else None)
    open_moment(page, waiting)
    expect(page.get_by_text("paused it")).to_be_visible()
    with page.expect_response(lambda answer: answer.url.endswith(waiting) and answer.status == 304):
        pass
    assert sizes.count(200) == 1


def test_a_moment_that_is_not_there_says_so(page: Page, complaints: Complaints) -> None:
    complaints.allow("404")
    open_moment(page, "7133416a-eaad-4b03-99e3-5a8f170c1dc8")
    expect(page.get_by_role("heading", name="This moment is not here")).to_be_visible()
    expect(page).to_have_title("Not here · Main Character Moment")
    axe(page)


def test_an_address_that_names_nothing_leads_to_what_there_is(page: Page) -> None:
    page.goto("/#/nowhere/at/all")
    expect(page.get_by_role("heading", level=1, name="There is no such page")).to_be_visible()
    expect(page.get_by_text("#/nowhere/at/all leads nowhere")).to_be_visible()
    expect(page).to_have_title("There is no such page · Main Character Moment")
    expect(page.locator("#view").get_by_role("link", name="My moments")).to_be_visible()
    page.locator("#view").get_by_role("link", name="Hum a new one").click()
    expect(page.get_by_role("heading", level=1, name="Hum it. Hear it.")).to_be_visible()
    expect(page).to_have_title("Main Character Moment")
    page.goto("/#/moments")
    expect(page.get_by_role("heading", level=1, name="My moments")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_follow(small_phone: Page, moments: HeldMoments, waiting: str, scheme: str) -> None:
    small_phone.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    open_moment(small_phone, waiting)
    expect(small_phone.get_by_text("paused it")).to_be_visible()
    axe(small_phone)
    assert wide(small_phone) == []
    moments.resume()
    expect(small_phone.get_by_text("cinematic, D minor, 120 bpm.")).to_be_visible()
    axe(small_phone)
    assert wide(small_phone) == []
    screenshot(small_phone, f"following-{scheme}")
