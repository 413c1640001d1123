"""A key that is revoked while the page uses it: the page asks for another one, and goes on where it was."""

import json
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.complaints import Complaints
from tests.support.held_moments import HeldMoments
from tests.support.up import Up, await_that

pytestmark = pytest.mark.browser

DONE = "cinematic, D minor, 120 bpm."
Revoke = Callable[[], None]


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"REQUIRE_KEYS": "true"}


@pytest.fixture(scope="module")
def key(service: Up) -> str:
    """A key that stays in force."""
    return service.run("keys", "create", "--owner", "acme", "--scope", "operate").split()[0]


@pytest.fixture(scope="module")
def moments(service: Up, key: str) -> HeldMoments:
    return HeldMoments(service, {"Authorization": f"Bearer {key}"})


@pytest.fixture
def page(context: BrowserContext, complaints: Complaints) -> Page:
    complaints.allow("401")
    return context.new_page()


@pytest.fixture
def revoke(page: Page, service: Up) -> Revoke:
    """Give the page a key; return what revokes it, and waits until the service knows."""
    made = json.loads(service.run("keys", "create", "--owner", "acme", "--json"))
    page.add_init_script(f"localStorage['moment.key'] ??= '{made['key']}'")
    headers = {"Authorization": f"Bearer {made['key']}"}

    def act() -> None:
        service.run("keys", "revoke", made["prefix"])
        await_that(lambda: httpx.get(f"{service.url}/v1/jobs", headers=headers, timeout=30).status_code == 401)

    return act


def enter(page: Page, key: str) -> None:
    dialog = page.get_by_role("dialog", name="A key, please")
    expect(dialog).to_contain_text("does not accept the key")
    dialog.get_by_label("Key", exact=True).fill(key)
    dialog.get_by_role("button", name="Use this key").click()
    expect(dialog).to_be_hidden()


def test_following_goes_on(page: Page, moments: HeldMoments, key: str, revoke: Revoke) -> None:
    with moments.paused():
        page.goto(f"/#/moments/{moments.create()}")
        expect(page.get_by_text("paused it")).to_be_visible()
        revoke()
        enter(page, key)
    expect(page.get_by_text(DONE)).to_be_visible()


def test_who_has_no_other_key_now_may_enter_it_later(
    page: Page, moments: HeldMoments, key: str, revoke: Revoke
) -> None:
    with moments.paused():
        page.goto(f"/#/moments/{moments.create()}")
        expect(page.get_by_text("paused it")).to_be_visible()
        revoke()
        page.get_by_role("button", name="Not now").click()
        page.get_by_role("button", name="Enter a key").click()
        enter(page, key)
    expect(page.get_by_text(DONE)).to_be_visible()


def test_music_that_plays_plays_on_and_its_stems_come_with_the_next_key(
    page: Page, moments: HeldMoments, key: str, revoke: Revoke
) -> None:
    page.goto(f"/#/moments/{moments.create()}")
    page.wait_for_function("() => document.querySelector('.slider')?.ariaValueMax > 10")
    page.get_by_role("button", name="Play", exact=True).click()
    revoke()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    page.get_by_role("button", name="Mixer").click()
    expect(page.get_by_role("button", name="Mute Voice")).to_be_visible()
    page.get_by_role("button", name="Make a link").click()
    enter(page, key)
    expect(page.get_by_label("Link to “")).to_be_visible()


def test_a_version_is_made_with_the_next_key(page: Page, moments: HeldMoments, key: str, revoke: Revoke) -> None:
    page.goto(f"/#/moments/{moments.create()}")
    expect(page.get_by_text(DONE)).to_be_visible()
    page.get_by_text("Change it").click()
    page.locator(".edit-note").first.focus()
    page.keyboard.press("Shift+ArrowUp")
    revoke()
    page.get_by_role("button", name="Make this version").click()
    enter(page, key)
    expect(page.get_by_role("heading", name="Versions of this hum")).to_be_visible()


def test_the_key_of_somebody_else_shows_nothing_and_the_right_one_everything(
    page: Page, moments: HeldMoments, service: Up, key: str, complaints: Complaints
) -> None:
    complaints.allow("404")
    other = service.run("keys", "create", "--owner", "other").split()[0]
    page.add_init_script(f"localStorage['moment.key'] = '{other}'")
    page.goto(f"/#/moments/{moments.create()}")
    expect(page.get_by_role("heading", name="This moment is not here")).to_be_visible()
    elsewhere = page.context.new_page()
    elsewhere.goto("/#/mine")
    elsewhere.evaluate("key => localStorage.setItem('moment.key', key)", key)
    expect(page.get_by_text(DONE)).to_be_visible()
