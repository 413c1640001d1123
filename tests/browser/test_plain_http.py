"""The page over plain http, from another machine: the browser hides the microphone and some of `crypto` from it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect

from tests.support.chromium import OPTIONS
from tests.support.up import HUM, Up

pytestmark = pytest.mark.browser

HOST = "hums.example"


@pytest.fixture(scope="module")
def browser(browser_type: BrowserType, chromium: str) -> Iterator[Browser]:
    """A browser that finds the service at a host that is not localhost."""
    opened = browser_type.launch(
        executable_path=chromium, args=[*OPTIONS, f"--host-resolver-rules=MAP {HOST} 127.0.0.1"]
    )
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def studio(service: Up) -> str:
    return service.url.replace("127.0.0.1", HOST)


def test_it_says_why_it_cannot_record_and_takes_a_file(page: Page) -> None:
    page.goto("/")
    assert page.evaluate("[isSecureContext, typeof crypto.randomUUID]") == [False, "undefined"]
    expect(page.get_by_text(f"This one came over http from {HOST}")).to_be_visible()
    expect(page.get_by_role("button", name="Start humming")).to_be_disabled()
    page.get_by_label("Choose a recording").set_input_files(HUM)
    page.get_by_role("button", name="Make my music").click()
    page.wait_for_url(re.compile("#/moments/"))
