"""Pages that outlive their service: modules of theirs are not there any more, or the network is not."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.support.complaints import Complaints
from tests.support.moments import Finished
from tests.support.up import HUM

pytestmark = pytest.mark.browser

SAID = "could not be loaded: you are offline, or the service was updated"
ASSETS = re.compile("/assets/")
RELOAD = "Reload the page"


@pytest.fixture
def page(context: BrowserContext, complaints: Complaints) -> Page:
    complaints.allow("404|Failed to fetch dynamically imported module")
    return context.new_page()


def _not_found(route: Route) -> None:
    route.fulfill(status=404)


def renew(page: Page) -> None:
    """Let the service be of another version than the page, whose remaining modules it does not have."""
    page.wait_for_load_state("networkidle")
    page.route(ASSETS, _not_found)


def test_a_view_that_cannot_be_loaded_says_so_and_is_there_after_a_reload(page: Page) -> None:
    page.goto("/")
    renew(page)
    page.get_by_role("link", name="My moments").click()
    expect(page.get_by_text(SAID)).to_be_visible()
    page.unroute(ASSETS)
    page.get_by_role("button", name=RELOAD).click()
    expect(page.get_by_role("heading", level=1, name="My moments")).to_be_visible()


def test_a_take_that_cannot_be_shown_is_kept(page: Page) -> None:
    page.goto("/")
    renew(page)
    page.get_by_role("button", name="No tune? Take ours").click()
    expect(page.locator("#notices").get_by_text(SAID)).to_be_visible()
    page.locator("input[type=file]").set_input_files(HUM)
    expect(page.get_by_text("Your take is kept")).to_be_visible()
    page.unroute(ASSETS)
    page.get_by_role("button", name=RELOAD).click()
    expect(page.get_by_role("region", name="Your take")).to_be_visible()


def test_an_editor_that_cannot_be_loaded_says_so(page: Page, finished: Finished) -> None:
    page.goto(f"/#/moments/{finished.id}")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    renew(page)
    page.get_by_text("Change it").click()
    expect(page.get_by_text(SAID)).to_be_visible()


@pytest.mark.parametrize("back", ["play", "online"])
def test_music_that_was_out_of_reach_is_loaded_again(
    page: Page, finished: Finished, complaints: Complaints, back: str
) -> None:
    complaints.allow("ERR_INTERNET_DISCONNECTED")
    page.route("**/v1/objects/**", lambda route: route.abort("internetdisconnected"))
    page.goto(f"/#/moments/{finished.id}")
    expect(page.get_by_text("The music could not be loaded")).to_be_visible()
    expect(page.get_by_role("button", name="Mixer")).to_be_hidden()
    page.unroute("**/v1/objects/**")
    if back == "play":
        page.get_by_role("button", name="Play", exact=True).click()
        page.wait_for_function("() => document.querySelector('.slider').ariaValueNow >= 1")
    else:
        page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("button", name="Mixer")).to_be_visible()


def test_a_hum_whose_url_has_expired_is_heard(page: Page, finished: Finished, complaints: Complaints) -> None:
    complaints.allow("403")
    page.goto(f"/#/moments/{finished.id}")
    expect(page.get_by_role("button", name="Mixer")).to_be_visible()
    page.route("**/v1/objects/**/original*", lambda route: route.fulfill(status=403), times=1)
    with page.expect_response(lambda answer: "/original" in answer.url and answer.ok):
        page.get_by_role("button", name="Hear your hum").click()
    expect(page.locator("button.hear")).to_have_text("Stop")
    page.route("**/v1/objects/**/original*", lambda route: route.fulfill(status=403))
    page.locator("button.hear").click()
    page.get_by_role("button", name="Hear your hum").click()
    expect(page.get_by_text("Your hum cannot be played now")).to_be_visible()
    expect(page.get_by_role("button", name="Hear your hum")).to_be_visible()
