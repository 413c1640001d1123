"""A service that requires keys: the page asks for one, keeps it, and forgets it again."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.complaints import Complaints
from tests.support.held_moments import HeldMoments
from tests.support.studio_page import axe
from tests.support.up import HUM, Up

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"REQUIRE_KEYS": "true"}


@pytest.fixture(scope="module")
def key(service: Up) -> str:
    return service.run("keys", "create", "--owner", "acme", "--name", "page").split()[0]


@pytest.fixture
def job_id(service: Up, key: str) -> str:
    return HeldMoments(service, {"Authorization": f"Bearer {key}"}).create()


def enter(page: Page, key: str) -> None:
    page.get_by_label("Key", exact=True).fill(key)
    page.get_by_role("button", name="Use this key").click()


def test_the_page_asks_for_a_key_and_keeps_it(page: Page, job_id: str, key: str, complaints: Complaints) -> None:
    complaints.allow("401")
    page.goto(f"/#/moments/{job_id}")
    dialog = page.get_by_role("dialog", name="A key, please")
    expect(dialog).to_be_visible()
    axe(page)
    enter(page, "moment_nonsense")
    expect(dialog).to_contain_text("does not accept the key")
    enter(page, key)
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("cinematic, D minor, 120 bpm.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("cinematic, D minor, 120 bpm.")).to_be_visible()
    page.get_by_role("button", name="Forget the key").click()
    page.reload()
    expect(dialog).to_be_visible()


def test_who_has_no_key_now_may_enter_it_later(page: Page, job_id: str, key: str, complaints: Complaints) -> None:
    complaints.allow("401")
    page.goto(f"/#/moments/{job_id}")
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_text("This service needs a key to show it.")).to_be_visible()
    page.get_by_role("button", name="Enter a key").click()
    enter(page, key)
    expect(page.get_by_text("cinematic, D minor, 120 bpm.")).to_be_visible()
    expect(page.get_by_role("button", name="Enter a key")).to_be_hidden()


def test_files_are_saved_and_links_made_with_the_key(page: Page, job_id: str, key: str, complaints: Complaints) -> None:
    complaints.allow("401")
    page.goto(f"/#/moments/{job_id}")
    enter(page, key)
    for label in ("MP3", "FLAC"):
        with page.expect_download(timeout=60_000) as download:
            page.locator("a.file").filter(has=page.get_by_text(label, exact=True)).click()
        assert Path(download.value.path()).stat().st_size > 10_000
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_label("Link to “")).to_be_visible()


def test_a_hum_is_sent_once_there_is_a_key(page: Page, key: str, complaints: Complaints) -> None:
    complaints.allow("401")
    page.goto("/")
    page.get_by_role("button", name="Not now").click()
    page.get_by_label("Choose a recording").set_input_files(HUM)
    page.get_by_role("button", name="Make my music").click()
    enter(page, key)
    expect(page.get_by_text("cinematic, D minor, 120 bpm.")).to_be_visible()
