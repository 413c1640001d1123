"""Changes of which no version was made yet: they outlast a reload, and go when they are made or discarded."""

import json

import httpx
import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from tests.support.sent_moments import finish, send
from tests.support.studio_page import axe, screenshot
from tests.support.up import Up

pytestmark = pytest.mark.browser

BACK = "Your earlier changes are back."
NOTHING = "Nothing is changed yet."
FULL = """Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"""


@pytest.fixture(scope="module")
def moment_id(service: Up) -> str:
    return str(finish(service, send(service))["id"])


def open_editor(page: Page, moment_id: str) -> None:
    page.goto(f"/#/moments/{moment_id}")
    page.get_by_text("Change it").click()
    ready(page)


def ready(page: Page) -> None:
    """Wait until the editor is there, with its cards."""
    expect(notes(page)).to_have_count(30)
    expect(page.get_by_role("radio", name="Lofi")).to_be_attached()


def notes(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Notes").get_by_role("option")


def change(page: Page) -> None:
    """Raise the fourth note by a tone, and choose a tempo."""
    notes(page).first.focus()
    for key in (*["ArrowRight"] * 3, *["Shift+ArrowUp"] * 2):
        page.keyboard.press(key)
    page.get_by_role("button", name="60 bpm").click()


def kept(page: Page) -> list[str]:
    found: list[str] = page.evaluate("Object.keys(sessionStorage).filter(name => name.startsWith('moment.draft.'))")
    return found


def test_changes_are_back_after_a_reload_until_they_are_discarded(page: Page, moment_id: str) -> None:
    open_editor(page, moment_id)
    change(page)
    page.reload()
    ready(page)
    expect(page.get_by_text(BACK)).to_be_visible()
    expect(notes(page).nth(3)).to_have_accessible_name("G4, note 4 of 30, bar 1")
    expect(page.get_by_text("1 note changed · 60 bpm")).to_be_visible()
    axe(page, ".editor")
    screenshot(page, "draft")
    page.get_by_role("button", name="Discard them").click()
    expect(page.get_by_text("Everything is as it was.")).to_be_focused()
    expect(notes(page).nth(3)).to_have_accessible_name("F4, note 4 of 30, bar 1")
    expect(page.get_by_text(NOTHING)).to_be_visible()
    page.reload()
    expect(page.get_by_text("Change it")).to_be_visible()
    expect(notes(page)).to_have_count(0)
    assert kept(page) == []


def test_changes_are_back_in_the_same_view_later(page: Page, moment_id: str) -> None:
    open_editor(page, moment_id)
    change(page)
    page.get_by_role("link", name="My moments").click()
    expect(page.get_by_role("heading", level=1, name="My moments")).to_be_visible()
    page.go_back()
    ready(page)
    expect(page.get_by_text(BACK)).to_be_visible()
    page.get_by_role("button", name="Start over").click()
    expect(page.get_by_text("Everything is as it was.")).to_be_visible()


def test_a_version_ends_the_draft_that_it_was_made_of(page: Page, moment_id: str, service: Up) -> None:
    open_editor(page, moment_id)
    change(page)
    before = page.url
    page.get_by_role("button", name="Make this version").click()
    page.wait_for_url(lambda url: url != before)
    assert kept(page) == []
    httpx.delete(f"{service.url}/v1/jobs/{page.url.rpartition('/')[2]}", timeout=60)


@pytest.mark.parametrize(
    "damage",
    [
        "nonsense",
        '{"at": 1, "draft": []}',
        json.dumps({"at": 1, "draft": {"notes": [{"start": 0, "duration": 1, "pitch": 400}]}}),
    ],
)
def test_a_damaged_draft_is_forgotten(page: Page, moment_id: str, damage: str) -> None:
    page.goto("/")
    page.evaluate("([id, text]) => sessionStorage.setItem(`moment.draft.${id}`, text)", [moment_id, damage])
    page.goto(f"/#/moments/{moment_id}")
    expect(page.get_by_text("Change it")).to_be_visible()
    page.locator("details.editor").evaluate("editor => { editor.open = true }")
    ready(page)
    expect(page.get_by_text(NOTHING)).to_be_visible()
    expect(page.get_by_text(BACK)).to_be_hidden()
    page.wait_for_function("id => !sessionStorage.getItem(`moment.draft.${id}`)", arg=moment_id)


def test_where_storage_is_full_changes_last_as_long_as_the_page_which_asks_before_it_ends(
    page: Page, moment_id: str
) -> None:
    page.add_init_script(FULL)
    open_editor(page, moment_id)
    change(page)
    page.get_by_role("link", name="My moments").click()
    expect(page.get_by_role("heading", level=1, name="My moments")).to_be_visible()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.evaluate("() => { setTimeout(() => location.reload()) }")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    page.go_back()
    ready(page)
    expect(page.get_by_text(BACK)).to_be_visible()
    page.get_by_role("button", name="Discard them").click()
    expect(page.get_by_text(NOTHING)).to_be_visible()


def test_the_oldest_of_many_leave(page: Page) -> None:
    page.goto("/")
    source = "document.querySelector('script[type=module]').src.replace('main.js', '')"
    left = page.evaluate(f"""async () => {{
        const drafts = await import({source} + 'device/drafts.js');
        sessionStorage.setItem('moment.draft.damaged', '{{');
        for (let index = 0; index < 10; index++) {{
            drafts.keepDraft(`job-${{index}}`, index);
            await new Promise((wake) => setTimeout(wake, 2));
        }}
        return ['damaged', 'job-0', 'job-1', 'job-2', 'job-9'].map((id) => drafts.draftOf(id));
    }}""")
    assert left == [None, None, None, 2, 9]
    assert len(kept(page)) == 8
