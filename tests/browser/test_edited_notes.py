"""What was heard of a remix: the pitch of the hum that it shares, and which notes somebody edited."""

import re
from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.complaints import Complaints
from tests.support.sent_moments import finish, send
from tests.support.studio_page import axe, screenshot, wide
from tests.support.up import HUM, Up

pytestmark = pytest.mark.browser

Json = dict[str, Any]

VOICE: Final = """() => {
    const roll = document.querySelector('.heard canvas');
    const dots = roll.getContext('2d').getImageData(0, 0, roll.width, roll.height).data;
    let found = 0;
    for (let at = 0; at < dots.length; at += 4) found += dots[at] - dots[at + 2] > 100;
    return found; }"""
"""How many dots of the roll are red, as nothing but the voice is."""


@pytest.fixture(scope="module")
def heard(service: Up) -> Json:
    """A finished moment of the example hum."""
    return finish(service, send(service))


@pytest.fixture(scope="module")
def edited(service: Up, heard: Json) -> str:
    """A remix of a remix of it: a note has another pitch, one is shorter, one is gone, and one was added."""
    notes = notes_of(heard)
    notes[3]["pitch"] += 2
    notes[5]["duration"] = round(notes[5]["duration"] / 2, 3)
    last = notes.pop()
    notes.append({"start": last["start"] + last["duration"] + 0.1, "duration": 0.3, "pitch": 60})
    first = remixed(service, str(heard["id"]), {"notes": notes})
    return remixed(service, first, {"style": "lofi"})


def notes_of(status: Json) -> list[Json]:
    analysis = status["blueprint_json"]["metadata"]["analysis"]
    return [
        {"start": note["onset"], "duration": note["duration"], "pitch": pitch}
        for note, pitch in zip(analysis["notes"], analysis["written"], strict=True)
    ]


def remixed(service: Up, parent: str, changes: Json) -> str:
    made = httpx.post(f"{service.url}/v1/jobs/{parent}/remix", json=changes, timeout=60).raise_for_status()
    return str(finish(service, str(made.json()["job_id"]))["id"])


def test_notes_that_were_edited_are_marked_and_said(page: Page, edited: str) -> None:
    page.goto(f"/#/moments/{edited}")
    panel = page.get_by_role("region", name="What we heard, edited")
    expect(panel.get_by_role("img", name=re.compile("30 notes between .*, of which 3 were edited"))).to_be_visible()
    expect(panel.get_by_role("listitem")).to_have_text(["as we heard it", "edited", "heard there before the edit"])
    expect(panel.locator(".facts")).to_contain_text("3 notes, 1 removed")
    panel.get_by_text("The notes as a table").click()
    rows = panel.get_by_role("table", name="The notes, and which of them were edited").get_by_role("row")
    for number, words in ((1, "–"), (4, "edited, heard as F4"), (6, "edited in time"), (30, "added")):
        expect(rows.nth(number).get_by_role("cell").last).to_have_text(words)


def test_notes_that_were_not_edited_are_as_they_were_heard(page: Page, service: Up, heard: Json) -> None:
    page.goto(f"/#/moments/{remixed(service, str(heard['id']), {'style': 'lofi'})}")
    expect(page.get_by_role("heading", name="What we heard")).to_be_visible()
    expect(page.get_by_text("heard there before the edit")).to_be_hidden()


def test_a_remix_shows_the_voice_where_it_was_recorded_and_only_there(
    new_context: Callable[[], BrowserContext], page: Page, service: Up
) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto("/")
    page.get_by_label("Choose a recording").set_input_files(HUM)
    page.get_by_role("button", name="Make my music").click()
    page.wait_for_url("**/#/moments/*")
    parent = page.url.rpartition("/")[2]
    notes = notes_of(finish(service, parent))
    notes[3]["pitch"] += 2
    remix = remixed(service, remixed(service, parent, {"notes": notes}), {"style": "lofi"})
    for address in (parent, remix):
        page.goto(f"/#/moments/{address}")
        expect(page.locator(".heard canvas")).to_have_attribute("aria-label", re.compile("30 notes"))
        if address == remix:
            page.wait_for_function(f"() => ({VOICE})() > 200")
    stranger = new_context().new_page()
    stranger.emulate_media(color_scheme="light")
    stranger.goto(f"/#/moments/{remix}")
    expect(stranger.locator(".legend")).to_be_visible()
    assert stranger.evaluate(VOICE) < 50


def test_without_the_first_version_it_says_that_notes_were_edited(
    page: Page, service: Up, complaints: Complaints
) -> None:
    complaints.allow("404")
    first = finish(service, send(service))
    notes = notes_of(first)
    notes[3]["pitch"] += 2
    remix = remixed(service, str(first["id"]), {"notes": notes})
    httpx.delete(f"{service.url}/v1/jobs/{first['id']}", timeout=60).raise_for_status()
    page.goto(f"/#/moments/{remix}")
    expect(page.get_by_text("What was heard first is not there any more to compare.")).to_be_visible()
    expect(page.locator(".legend")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_tell_them_apart(small_phone: Page, edited: str, scheme: str) -> None:
    small_phone.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of two
    small_phone.goto(f"/#/moments/{edited}")
    expect(small_phone.locator(".legend")).to_be_visible()
    axe(small_phone, ".heard")
    assert wide(small_phone) == []
    screenshot(small_phone, f"edited-{scheme}")
