"""A moment that is open in two tabs, and is deleted in one of them."""

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.complaints import Complaints
from tests.support.sent_moments import finish, send
from tests.support.up import Up

pytestmark = pytest.mark.browser

GONE = "This moment is not here"
PLAYS = "document.querySelector('.play').ariaLabel"


@pytest.fixture
def tabs(context: BrowserContext, service: Up, complaints: Complaints) -> tuple[Page, Page]:
    """Two tabs with the same moment, which is in the list of the device."""
    complaints.allow("404")
    moment = str(finish(service, send(service))["id"])
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(f"/#/moments/{moment}")
        expect(page.get_by_role("button", name="Mixer")).to_be_visible()
    first.get_by_role("button", name="Add to my moments").click()
    return first, second


def delete(page: Page) -> None:
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", level=1, name="My moments")).to_be_visible()


def test_what_is_deleted_in_one_falls_silent_in_the_other(tabs: tuple[Page, Page]) -> None:
    first, second = tabs
    second.get_by_role("button", name="Play", exact=True).click()
    second.wait_for_function(f"() => {PLAYS} === 'Pause' && document.querySelector('.slider').ariaValueNow >= 1")
    delete(first)
    expect(second.get_by_role("heading", level=1, name=GONE)).to_be_visible()
    assert second.evaluate(PLAYS) == "Play"
    second.keyboard.press("Space")
    second.wait_for_timeout(300)
    assert second.evaluate(PLAYS) == "Play", "nothing starts that cannot be seen"


def test_what_is_deleted_in_one_is_no_longer_edited_in_the_other(tabs: tuple[Page, Page]) -> None:
    first, second = tabs
    second.get_by_text("Change it").click()
    second.get_by_role("button", name="Play the notes").click()
    expect(second.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    delete(first)
    expect(second.get_by_role("heading", level=1, name=GONE)).to_be_visible()
    second.get_by_role("link", name="Hum a new one").click()
    expect(second.get_by_role("button", name="Start humming")).to_be_visible()


def test_a_version_that_is_asked_for_too_late_is_refused_in_words(
    page: Page, service: Up, complaints: Complaints
) -> None:
    complaints.allow("404")
    moment = finish(service, send(service))["id"]
    page.goto(f"/#/moments/{moment}")
    page.get_by_text("Change it").click()
    page.locator(".edit-note").first.focus()
    page.keyboard.press("Shift+ArrowUp")
    httpx.delete(f"{service.url}/v1/jobs/{moment}", timeout=30).raise_for_status()
    page.get_by_role("button", name="Make this version").click()
    expect(page.get_by_text("This moment is not here any more. Hum it again.")).to_be_visible()
    expect(page.get_by_role("button", name="Make this version")).to_be_enabled()
