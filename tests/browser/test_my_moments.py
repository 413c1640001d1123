"""The list of moments that a device keeps: what it shows, and that it is lost neither silently nor by accident."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.support.complaints import Complaints
from tests.support.sent_moments import finish, send
from tests.support.studio_page import axe, screenshot, wide
from tests.support.up import Up

pytestmark = pytest.mark.browser

NOW = datetime.now(UTC)
MOST = 200
Entry = dict[str, Any]
Status = dict[str, Any]

FILL = """() => {
    for (let size = 1 << 22; size >= 1; size >>= 1)
        for (let i = 0; i < 3; i++) try { localStorage.setItem(`full-${size}-${i}`, 'a'.repeat(size)) } catch {} }"""


@pytest.fixture(scope="module")
def status(service: Up) -> Status:
    """Of a finished moment."""
    return finish(service, send(service, blueprint_json='{"style": "lofi"}'))


@pytest.fixture
def there(status: Status) -> Entry:
    """A moment of the list that the service has."""
    return entry(status["id"], minutes=5)


def entry(job_id: str = "", minutes: int = 60, **facts: str) -> Entry:
    """Return what the list has of a moment; without an id, the service knows none."""
    made = (NOW - timedelta(minutes=minutes)).isoformat()
    return {"id": job_id or str(uuid4()), "createdAt": made, "style": "lofi", **facts}


def put(page: Page, *entries: Entry) -> None:
    put_text(page, json.dumps(entries))


def put_text(page: Page, text: str) -> None:
    """Store a list, and show it."""
    page.goto("/#/mine")
    page.evaluate("list => localStorage.setItem('moment.mine', list)", text)
    page.reload()


def kept(page: Page) -> list[Entry]:
    found: list[Entry] = json.loads(page.evaluate("localStorage.getItem('moment.mine')"))
    return found


def test_without_moments_it_leads_to_the_first_one(page: Page) -> None:
    page.goto("/#/mine")
    expect(page.get_by_text("Nothing here yet.")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Hum something").click()
    expect(page.get_by_role("heading", name="Hum it. Hear it.")).to_be_visible()


def test_it_tells_what_is_known_plays_it_and_groups_the_versions(
    page: Page, complaints: Complaints, there: Entry
) -> None:
    complaints.allow("404")
    version, grandchild = entry(minutes=4, parentId=there["id"], key="Am", kind="song"), entry(minutes=3)
    grandchild["parentId"] = version["id"]
    put(page, grandchild, version, there, entry(minutes=10, name="The train", expiresAt=NOW.isoformat()))
    families = page.locator(".moments > li")
    expect(families).to_have_count(2)
    versions = page.get_by_role("list", name=re.compile("Versions of Lofi theme"))
    expect(versions.get_by_role("article")).to_have_count(2)
    expect(versions.get_by_role("link").first).to_have_text("Lofi song in A minor")
    first = families.first.locator(".card").first
    expect(first).to_contain_text(re.compile(r"\d+ minutes ago · preview · kept until \d+ \w+ \d{4}"))
    gone = families.last.locator(".card")
    expect(gone).to_contain_text("The train")
    expect(gone).to_contain_text("not there any more: it was kept until")
    axe(page)
    first.get_by_role("button", name="Play Lofi theme").click()
    expect(first.get_by_label("Position")).to_be_visible()
    page.wait_for_function("() => parseFloat(document.querySelector('.heard-so-far input').value) > 0.3")
    first.get_by_role("button", name="Pause").click()
    expect(first.get_by_role("button", name="Play")).to_be_visible()


def test_those_that_are_gone_leave_when_their_owner_says_so(page: Page, complaints: Complaints, there: Entry) -> None:
    complaints.allow("404")
    put(page, there, entry(), entry(), entry())
    page.locator(".card.lost").first.get_by_role("button", name="Remove from the list").click()
    expect(page.locator(".card")).to_have_count(3)
    page.get_by_role("button", name="Remove them from the list").click()
    expect(page.locator(".card")).to_have_count(1)
    assert [one["id"] for one in kept(page)] == [there["id"]]


def test_a_name_of_ones_own_stays_and_is_seen_in_other_tabs(page: Page, context: BrowserContext, there: Entry) -> None:
    put(page, there)
    other = context.new_page()
    other.goto("/#/mine")
    rename = page.get_by_role("button", name="Rename")
    rename.click()
    field = page.get_by_label("Name of this moment")
    expect(field).to_be_focused()
    expect(field).to_have_value(re.compile("^Lofi theme in"))
    expect(page.locator(".card .buttons")).to_be_hidden()
    page.keyboard.type("Nothing")
    page.keyboard.press("Escape")
    expect(rename).to_be_focused()
    rename.click()
    page.keyboard.type("  The train  ")
    page.keyboard.press("Enter")
    expect(rename).to_be_focused()
    for tab in (page, other):
        expect(tab.locator(".card h2")).to_have_text("The train")
    page.reload()
    page.get_by_role("link", name="The train").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The train")
    expect(page).to_have_title(re.compile("^(The train|♪ The train is ready) · Main Character Moment$"))
    with page.expect_download() as download:
        page.locator("a.file").first.click()
    assert download.value.suggested_filename.startswith("The train, ")
    page.goto("/#/mine")
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name of this moment").fill("")
    page.keyboard.press("Enter")
    expect(page.locator(".card h2")).to_contain_text("Lofi theme in")


def test_only_what_is_seen_is_asked_for_and_a_few_at_a_time(page: Page, complaints: Complaints) -> None:
    complaints.allow("404")
    running: set[Request] = set()
    most: list[int] = [0]
    asked: set[str] = set()

    def begin(request: Request) -> None:
        if "/v1/jobs/" in request.url:
            running.add(request)
            asked.add(request.url)
            most[0] = max(most[0], len(running))

    def end(request: Request) -> None:
        running.discard(request)

    page.goto("/#/mine")
    page.on("request", begin)
    page.on("requestfinished", end)
    page.on("requestfailed", end)
    put(page, *(entry(minutes=minutes) for minutes in range(MOST)))
    expect(page.locator(".card.lost").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert 0 < most[0] <= 4
    assert 3 < len(asked) < 30
    expect(page.get_by_text("no room for more")).to_be_visible()
    seen = len(asked)
    page.locator(".card").last.scroll_into_view_if_needed()
    expect(page.locator(".card").last).to_have_class(re.compile("lost"))
    assert seen < len(asked) < MOST


def test_the_oldest_leaves_a_full_list_and_that_is_said(page: Page, complaints: Complaints, status: Status) -> None:
    complaints.allow("404")
    put(page, *(entry(minutes=minutes) for minutes in range(1, MOST + 1)))
    oldest = kept(page)[-1]["id"]
    page.goto(f"/#/moments/{status['id']}")
    page.get_by_role("button", name="Add to my moments").click()
    expect(page.get_by_text(f"The list has {MOST} moments at most")).to_be_visible()
    assert len(kept(page)) == MOST
    assert oldest not in {one["id"] for one in kept(page)}


def test_the_list_moves_to_another_device_as_a_file(
    page: Page, new_context: Callable[..., BrowserContext], tmp_path: Path, there: Entry
) -> None:
    put(page, {**there, "name": "The train"})
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the list").click()
    assert re.fullmatch(r"my-moments-\d{4}-\d\d-\d\d\.json", download.value.suggested_filename)
    file = tmp_path / "list.json"
    download.value.save_as(file)
    other = new_context().new_page()
    other.goto("/#/mine")
    add(other, file)
    expect(other.get_by_text("Moments added: 1. Known already: 0.")).to_be_visible()
    expect(other.get_by_role("link", name="The train")).to_be_visible()
    file.write_text(json.dumps([*json.loads(file.read_text()), {"id": "../../etc"}, 7, None]))
    add(other, file)
    expect(other.get_by_text("not understood. Moments added: 0. Known already: 1.")).to_be_visible()
    file.write_text("a letter")
    add(other, file)
    expect(other.get_by_text("This file is not a list of moments.")).to_be_visible()
    expect(other.locator(".card")).to_have_count(1)


def add(page: Page, file: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add from a file").click()
    chooser.value.set_files(file)


@pytest.mark.parametrize("text", ["{", '"what"', "null", "[7]"])
def test_a_damaged_list_is_kept_aside_and_said(page: Page, text: str) -> None:
    put_text(page, text)
    expect(page.get_by_text("The list on this device was damaged.")).to_be_visible()
    expect(page.get_by_text("Nothing here yet.")).to_be_visible()
    page.evaluate("id => { location.hash = '#/' }", "")
    page.goto("/#/mine")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save what was there").click()
    assert Path(download.value.path()).read_text() == text
    page.get_by_role("button", name="Forget it").click()
    expect(page.get_by_text("The list on this device was damaged.")).to_be_hidden()
    assert kept(page) == []


def test_what_can_be_read_of_a_damaged_list_stays(page: Page, there: Entry) -> None:
    put_text(page, json.dumps([there, {"id": 7}]))
    expect(page.locator(".card h2")).to_contain_text("Lofi theme in")  # it was asked for, and so the list was stored
    assert len(kept(page)) == 1
    page.reload()
    expect(page.get_by_text("The list on this device was damaged.")).to_be_visible()


def test_without_storage_everything_works_until_the_tab_is_closed(page: Page, status: Status) -> None:
    page.add_init_script(
        "for (const name of ['localStorage', 'indexedDB']) Object.defineProperty(window, name,"
        " { get() { throw new DOMException('denied', 'SecurityError') } })"
    )
    page.goto("/#/mine")
    expect(page.get_by_text("This browser keeps nothing for this page")).to_be_visible()
    page.evaluate("id => { location.hash = `#/moments/${id}` }", status["id"])
    page.get_by_role("button", name="Add to my moments").click()
    page.evaluate("location.hash = '#/mine'")
    expect(page.locator(".card h2")).to_contain_text("Lofi theme in")
    axe(page)


def test_a_full_storage_is_said(page: Page, there: Entry) -> None:
    put(page, there)
    page.evaluate(FILL)
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name of this moment").fill("The train from nowhere to anywhere and back again")
    page.keyboard.press("Enter")
    expect(page.locator(".card h2")).to_have_text("The train from nowhere to anywhere and back again")
    expect(page.get_by_text("This browser has no room left")).to_be_visible()


def test_the_list_is_for_everyone(page: Page, small_phone: Page, complaints: Complaints, there: Entry) -> None:
    complaints.allow("404")
    entries = [
        there,
        entry(minutes=4, parentId=there["id"], name="A name that is as long as a name may be " * 2),
        entry(),
    ]
    for name, tab in {"desktop": page, "320": small_phone}.items():
        put(tab, *entries)
        expect(tab.locator(".card.lost")).to_have_count(2)
        for scheme in ("light", "dark"):
            tab.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            screenshot(tab, f"mine-{name}-{scheme}")
            axe(tab)
        assert wide(tab) == []


def test_the_header_is_one_row_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/#/mine")
    box = page.locator("header.site").bounding_box()
    assert box
    assert box["height"] < 64
    expect(page.get_by_role("contentinfo").get_by_role("link", name="For developers: the API")).to_be_visible()
