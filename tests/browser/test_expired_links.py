"""Signed URLs that expire while the page is open."""

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.complaints import Complaints
from tests.support.moments import Finished
from tests.support.up import await_that

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"URL_EXPIRY_SECONDS": "10"}


def test_what_is_asked_for_later_is_there(page: Page, finished: Finished, complaints: Complaints) -> None:
    complaints.allow("403")
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url) if "/final" in request.url else None)
    page.goto(f"/#/moments/{finished.id}")
    page.wait_for_function("() => document.querySelector('.slider')?.ariaValueMax > 10")
    await_that(lambda: httpx.get(urls[0], timeout=30).status_code == 403)
    page.get_by_role("button", name="Mixer").click()
    expect(page.get_by_role("button", name="Mute Voice")).to_be_visible()
    page.get_by_role("button", name="Hear your hum").click()
    expect(page.locator("button.hear")).to_have_text("Stop")
    with page.expect_download() as download:
        page.locator("a.file").filter(has=page.get_by_text("MP3", exact=True)).click()
    assert download.value.path().stat().st_size > 10_000
