"""What the page leaves on a device, and whom it talks to: no cookie, nobody else."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.support.sent_moments import finish, send
from tests.support.up import Up

pytestmark = pytest.mark.browser

KEPT = """async () => ({
    cookie: document.cookie,
    texts: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""


def test_the_page_sets_no_cookie_and_talks_to_its_own_service_alone(page: Page, service: Up, studio: str) -> None:
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    job_id = finish(service, send(service, artifacts="pictures"))["id"]
    page.goto("/")
    page.goto(f"/#/moments/{job_id}")
    page.get_by_role("button", name="Add to my moments").click()
    page.get_by_role("button", name="Make a link").click()
    shared = page.get_by_label("Link to “")
    expect(shared).to_be_visible()
    link = shared.input_value()
    page.goto("/#/mine")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    kept = page.evaluate(KEPT)
    page.goto(link)
    page.locator("audio").evaluate("async audio => { audio.muted = true; await audio.play() }")
    assert page.context.cookies() == []
    assert kept == {
        "cookie": "",
        "texts": ["moment.mine"],
        "session": [],
        "databases": kept["databases"],
        "caches": [],
        "workers": 0,
    }
    assert set(kept["databases"]) <= {"moment"}
    elsewhere = [url for url in asked if not url.startswith((studio, "data:", "blob:"))]
    assert {urlsplit(url).netloc for url in elsewhere} == {urlsplit(service.url).netloc}  # where the objects are
    assert {urlsplit(url).path.split("/")[1] for url in elsewhere} <= {"v1", "m"}
