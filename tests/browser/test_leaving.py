"""Whoever leaves while humming, by a link, the browser's button, or closing the page, does not lose the hum."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect

from tests.support.microphones import count_streams, live_tracks
from tests.support.up import HUM

pytestmark = pytest.mark.browser

NO_DATABASE = "IDBFactory.prototype.open = () => { throw new DOMException('no', 'InvalidStateError') }"


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page whose streams are noted, and which does not count in."""
    opened = context.new_page()
    opened.add_init_script("localStorage.setItem('moment.count_in', 'no')")
    count_streams(opened)
    return opened


def hum(page: Page) -> None:
    """Start to hum; return when there is enough for a take."""
    page.get_by_role("button", name="Start humming").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.wait_for_timeout(1600)


def take_is_back(page: Page) -> None:
    expect(page.get_by_role("region", name="Your take")).to_be_visible()
    expect(page.get_by_text("This take was not sent yet.")).to_be_visible()
    expect(page.get_by_role("button", name="Make my music")).to_be_enabled()


def test_a_link_that_is_followed_while_humming_keeps_the_hum(page: Page) -> None:
    page.goto("/")
    hum(page)
    page.get_by_role("link", name="My moments").click()
    expect(page.get_by_text("Your hum is kept: it waits on the first page.")).to_be_visible()
    assert live_tracks(page) == [False]
    page.get_by_role("link", name="Main Character Moment").click()
    take_is_back(page)
    page.reload()
    take_is_back(page)


def test_going_back_while_humming_and_returning_at_once_keeps_the_hum(page: Page) -> None:
    page.goto("/#/mine")
    page.get_by_role("link", name="Main Character Moment").click()
    hum(page)
    page.evaluate("() => { history.back(); setTimeout(() => history.forward(), 50) }")
    take_is_back(page)
    assert live_tracks(page) == [False]


def test_the_newest_hum_wins_over_an_older_take(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Choose a recording").set_input_files(HUM)
    expect(page.get_by_text("0:16 long").or_(page.get_by_text("0:17 long"))).to_be_visible()
    page.get_by_role("button", name="Hum again").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.wait_for_timeout(1600)
    page.evaluate("() => { location.hash = '/mine'; setTimeout(() => { location.hash = '/' }, 30) }")
    expect(page.get_by_text("0:02 long").or_(page.get_by_text("0:01 long"))).to_be_visible()


def test_a_take_is_back_as_it_was_cut(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Choose a recording").set_input_files(HUM)
    page.get_by_role("slider", name="Start of what is used").focus()
    for _ in range(4):
        page.keyboard.press("PageUp")
    expect(page.get_by_text("0:13 long")).to_be_visible()
    page.get_by_role("link", name="My moments").click()
    expect(page.get_by_role("heading", level=1, name="My moments")).to_be_visible()
    page.go_back()
    take_is_back(page)
    expect(page.get_by_text("0:13 long")).to_be_visible()


def test_too_little_to_be_a_take_is_not_kept(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Start humming").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.get_by_role("link", name="My moments").click()
    expect(page.get_by_role("heading", level=1, name="My moments")).to_be_visible()
    assert live_tracks(page) == [False]
    page.get_by_role("link", name="Main Character Moment").click()
    expect(page.get_by_role("button", name="Start humming")).to_be_visible()
    expect(page.get_by_role("button", name="Make my music")).to_be_hidden()


def test_closing_the_page_while_humming_asks_and_the_hum_goes_on(page: Page) -> None:
    page.goto("/")
    hum(page)
    assert asks(page, lambda: page.evaluate("() => { setTimeout(() => { location.href = '/docs' }) }"))
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    assert live_tracks(page) == [True]
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("region", name="Your take")).to_be_visible()
    assert not asks(page, page.reload)
    take_is_back(page)


def test_a_browser_that_keeps_nothing_asks_before_a_take_is_lost(page: Page) -> None:
    page.add_init_script(NO_DATABASE)
    page.goto("/")
    page.get_by_label("Choose a recording").set_input_files(HUM)
    expect(page.get_by_role("region", name="Your take")).to_be_visible()
    page.get_by_role("link", name="My moments").click()
    assert asks(page, lambda: page.evaluate("() => { setTimeout(() => location.reload()) }"))
    page.get_by_role("link", name="Main Character Moment").click()
    take_is_back(page)


def asks(page: Page, leave: Callable[[], object]) -> bool:
    """Return whether the browser asks before the page is left; it stays."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    leave()
    page.wait_for_timeout(500)
    page.remove_listener("dialog", stay)
    return asked == ["beforeunload"]
