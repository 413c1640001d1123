"""A network that drops a request, as one does that changes: the page goes on by itself, or offers to."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.complaints import Complaints
from tests.support.held_moments import HeldMoments
from tests.support.moments import Finished
from tests.support.up import HUM, Up

pytestmark = pytest.mark.browser

SAID = "This part of the page could not be loaded"
RELOAD = "Reload the page"


@pytest.fixture
def page(context: BrowserContext, complaints: Complaints) -> Page:
    complaints.allow("ERR_CONNECTION_RESET|Failed to fetch dynamically imported module")
    return context.new_page()


def lose(page: Page, path: str, times: int | None = 1) -> None:
    """Have requests to a path fail without an answer, one by default."""
    page.route(re.compile(path), lambda route: route.abort("connectionreset"), times=times)


@pytest.mark.parametrize("file", ["main.js", "base/signal.js", "studio.css"])
def test_a_page_that_could_not_be_loaded_offers_to_load_anew(page: Page, file: str) -> None:
    lose(page, f"/assets/.*/{file}", times=None)
    page.goto("/")
    expect(page.get_by_role("alert")).to_contain_text(SAID)
    page.unroute_all()
    page.get_by_role("button", name=RELOAD).click()
    expect(page.get_by_role("button", name="Start humming")).to_be_visible()
    expect(page.get_by_role("button", name=RELOAD)).to_be_hidden()


def test_the_operators_page_offers_so_too(page: Page) -> None:
    lose(page, "/assets/.*/ops.js", times=None)
    page.goto("/ops")
    expect(page.get_by_role("button", name=RELOAD)).to_be_visible()


@pytest.mark.parametrize("file", ["views/moment.js", "player/deck.js", "editor/editor.js"])
def test_a_part_that_could_not_be_loaded_offers_to_load_anew(page: Page, finished: Finished, file: str) -> None:
    lose(page, f"/assets/.*/{file}")
    page.goto(f"/#/moments/{finished.id}")
    if file.startswith("editor"):
        page.get_by_text("Change it").click()
    expect(page.get_by_text(SAID)).to_be_visible()
    page.get_by_role("button", name=RELOAD).click()
    expect(page.get_by_text("cinematic, D minor, 120 bpm.")).to_be_visible()


@pytest.mark.parametrize("path", ["/v1/jobs/[^/]+$", "/v1/jobs/[^/]+/events$"], ids=["status", "events"])
def test_a_moment_is_followed_all_the_same(page: Page, service: Up, path: str) -> None:
    moments = HeldMoments(service)
    with moments.paused():
        lose(page, path)
        page.goto(f"/#/moments/{moments.create()}")
        expect(page.get_by_text("paused it")).to_be_visible()
    expect(page.get_by_text("cinematic, D minor, 120 bpm.")).to_be_visible()


def test_music_is_loaded_again(page: Page, finished: Finished) -> None:
    lose(page, "/v1/objects/.*final")
    page.goto(f"/#/moments/{finished.id}")
    expect(page.get_by_role("button", name="Mixer")).to_be_visible()
    page.wait_for_function("() => document.querySelector('.slider').ariaValueMax > 10")


def test_a_stem_is_loaded_again(page: Page, finished: Finished) -> None:
    lose(page, "/v1/objects/.*vocals")
    page.goto(f"/#/moments/{finished.id}")
    page.get_by_role("button", name="Mixer").click()
    expect(page.get_by_role("button", name="Mute Voice")).to_be_visible()


def test_styles_are_asked_for_again(page: Page) -> None:
    lose(page, "/v1/styles$")
    page.goto("/")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("radio", name="Lofi")).to_be_attached()


def test_a_hum_is_sent_again(page: Page) -> None:
    lose(page, "/v1/create-moment")
    page.goto("/")
    page.get_by_label("Choose a recording").set_input_files(HUM)
    page.get_by_role("button", name="Make my music").click()
    page.get_by_role("button", name="Send again").click()
    page.wait_for_url(re.compile("#/moments/"))


LOST_ONCE = """
const add = Worklet.prototype.addModule;
Worklet.prototype.addModule = async function () {
    Worklet.prototype.addModule = add;
    throw new DOMException("Unable to load a worklet's module.", 'AbortError');
};
"""
"""Playwright has no hand in the requests of worklets."""


def test_the_recorder_says_what_was_lost_and_starts_the_next_time(page: Page) -> None:
    page.add_init_script(LOST_ONCE)
    page.goto("/")
    page.get_by_role("button", name="Start humming").click()
    expect(page.get_by_text(SAID)).to_be_visible()
    page.get_by_role("button", name="Start humming").click()
    page.get_by_role("button", name="Start now").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
