"""Editing a moment: notes with mouse, finger and keyboard, all else about it, and the remix that is asked for."""

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.support.complaints import Complaints
from tests.support.heard_stems import run
from tests.support.studio_page import SCREENSHOTS, axe, screenshot, wide
from tests.support.up import HUM, Up

pytestmark = pytest.mark.browser

Open = Callable[[Page], Page]
Json = dict[str, Any]


@pytest.fixture(scope="module")
def moment_id(service: Up) -> str:
    """A finished preview of the example hum."""
    with HUM.open("rb") as hum:
        made = httpx.post(f"{service.url}/v1/create-moment", files={"file": hum}, timeout=60).raise_for_status()
    job_id: str = made.json()["job_id"]
    assert finished(service, job_id)["status"] == "COMPLETED"
    return job_id


@pytest.fixture
def editor(page: Page, moment_id: str) -> Page:
    """The page with the moment's editor open."""
    return opened(page, moment_id)


def test_it_is_loaded_once_somebody_opens_it(page: Page, moment_id: str) -> None:
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(f"/#/moments/{moment_id}")
    summary = page.get_by_text("Change it")
    expect(summary).to_be_visible()
    assert not any(url.endswith("/editor.js") for url in loaded)
    summary.click()
    expect(notes(page)).to_have_count(30)
    expect(page.get_by_text("Nothing is changed yet.")).to_be_visible()
    expect(page.get_by_role("button", name="Make this version")).to_be_disabled()


def test_a_note_is_dragged_to_another_pitch(editor: Page) -> None:
    row = row_height(editor)
    drag(editor, note(editor, 4), 0, -2 * row)
    expect(note(editor, 4)).to_have_accessible_name("G4, note 4 of 30, bar 1")
    expect(editor.get_by_role("status").filter(has_text="G4, note 4 of 30, bar 1")).to_be_visible()
    before = box(note(editor, 4))
    editor.get_by_role("button", name="Undo").click()
    expect(note(editor, 4)).to_have_accessible_name("F4, note 4 of 30, bar 1")
    assert box(note(editor, 4))["x"] == pytest.approx(before["x"], abs=0.5)  # a drag goes one way
    editor.get_by_role("button", name="Redo").click()
    expect(note(editor, 4)).to_have_accessible_name("G4, note 4 of 30, bar 1")


def test_a_note_is_dragged_in_time_and_stops_at_its_neighbours(editor: Page) -> None:
    first = box(note(editor, 1))
    drag(editor, note(editor, 1), -20, 0)
    assert box(note(editor, 1))["x"] == pytest.approx(first["x"] - 20, abs=1)
    drag(editor, note(editor, 1), 600, 0)
    one, two = box(note(editor, 1)), box(note(editor, 2))
    assert one["x"] + one["width"] == pytest.approx(two["x"], abs=1)
    assert one["width"] == pytest.approx(first["width"], abs=1)


def test_an_edge_is_dragged_to_another_length(editor: Page) -> None:
    centre(note(editor, 4))
    before = box(note(editor, 4))
    drag_from(editor, before["x"] + before["width"] - 2, before["y"] + before["height"] / 2, -15, 0)
    after = box(note(editor, 4))
    assert after["x"] == pytest.approx(before["x"], abs=0.5)
    assert after["width"] == pytest.approx(before["width"] - 15, abs=1.5)
    drag_from(editor, after["x"] + 2, after["y"] + after["height"] / 2, 8, 0)
    assert box(note(editor, 4))["x"] == pytest.approx(before["x"] + 8, abs=1.5)


def test_notes_are_split_joined_added_and_deleted(editor: Page) -> None:
    note(editor, 4).click()
    for button, count in (("Split", 31), ("Split", 32), ("Join next", 31), ("Delete note", 30), ("Add", 31)):
        editor.get_by_role("button", name=button, exact=True).click()
        expect(notes(editor)).to_have_count(count)
    for count in (30, 31, 32, 31, 30):
        editor.get_by_role("button", name="Undo").click()
        expect(notes(editor)).to_have_count(count)
    expect(editor.get_by_role("button", name="Undo")).to_be_disabled()
    expect(editor.get_by_text("Nothing is changed yet.")).to_be_visible()


def test_a_note_is_added_where_somebody_clicks_twice(editor: Page) -> None:
    centre(note(editor, 10))
    last = box(note(editor, 10))
    editor.mouse.dblclick(last["x"] + 4, last["y"] + 6 * row_height(editor))
    expect(notes(editor)).to_have_count(31)


def test_the_keyboard_is_enough(editor: Page) -> None:
    note(editor, 1).focus()
    press(editor, "ArrowRight", "ArrowRight", "ArrowRight", "Shift+ArrowUp", "Shift+ArrowUp")
    expect(note(editor, 4)).to_be_focused()
    expect(note(editor, 4)).to_have_accessible_name("G4, note 4 of 30, bar 1")
    press(editor, "s", "Shift+ArrowDown")
    expect(notes(editor)).to_have_count(31)
    expect(note(editor, 4)).to_have_accessible_name("F♯4, note 4 of 31, bar 1")
    press(editor, "j", "Delete")
    expect(notes(editor)).to_have_count(29)
    expect(note(editor, 4)).to_be_focused()
    press(editor, "Control+z", "Control+z")
    expect(notes(editor)).to_have_count(31)
    press(editor, "Control+Shift+Z", "End")
    expect(note(editor, 30)).to_be_focused()
    press(editor, "Home", "Shift+PageDown")
    expect(note(editor, 1)).to_have_accessible_name("A2, note 1 of 30, upbeat")
    press(editor, ",", "Shift+ArrowLeft", ".")


def test_what_a_button_cannot_do_is_known_before_and_said(editor: Page) -> None:
    note(editor, 4).click()
    longer, shorter = (editor.get_by_role("button", name=name, exact=True) for name in ("Longer", "Shorter"))
    for _ in range(60):
        if longer.get_attribute("aria-disabled") == "true":
            break
        longer.click()
    expect(longer).to_have_accessible_description(re.compile("The next note begins where this one ends"))
    before = box(note(editor, 4))
    longer.click(force=True)
    expect(editor.locator(".edit-said")).to_contain_text("The next note begins where this one ends")
    assert box(note(editor, 4)) == before
    shorter.click()
    expect(longer).to_have_attribute("aria-disabled", "false")
    for _ in range(60):
        if shorter.get_attribute("aria-disabled") == "true":
            break
        shorter.click()
    expect(shorter).to_have_accessible_description("This is as short as a note can be.")
    note(editor, 30).click()
    expect(editor.get_by_role("button", name="Join next")).to_have_accessible_description("There is no next note.")
    editor.get_by_role("button", name="Delete note").click()
    expect(notes(editor)).to_have_count(29)


def test_notes_between_those_of_the_scale_are_spelt_as_they_lead(editor: Page) -> None:
    script = "const { pitchName } = await load('roll/names.js'); return argument.map(([p, k]) => pitchName(p, k));"
    given = [[66, "Dm"], [68, "Dm"], [61, "Dm"], [70, "Dm"], [63, "Dm"], [61, "Gm"], [61, "G"], [63, "Bb"], [68, "Am"]]
    assert run(editor, script, given) == ["F♯4", "G♯4", "C♯4", "B♭4", "E♭4", "C♯4", "C♯4", "E♭4", "G♯4"]


def test_the_bar_of_a_phone_is_one_row_and_covers_no_tool(phone: Page, moment_id: str) -> None:
    opened(phone, moment_id)
    higher = phone.get_by_role("button", name="Higher")
    higher.scroll_into_view_if_needed()
    phone.evaluate("scrollBy(0, -60)")
    higher.tap()
    bar = phone.locator(".make-bar")
    expect(bar.get_by_role("status")).to_have_text("1 note changed")
    expect(bar.get_by_role("button", name="Start over")).to_be_visible()
    assert box(bar)["height"] <= 64
    for tool in phone.locator(".edit-toolbar button").all():
        tool.focus()
        assert box(tool)["y"] + box(tool)["height"] <= box(bar)["y"]
    phone.screenshot(path=SCREENSHOTS / "editor-bar-phone.png")


def test_a_finger_takes_short_notes_and_scrolls_beside_them(phone: Page, moment_id: str) -> None:
    opened(phone, moment_id)
    centre(note(phone, 3))
    short = box(note(phone, 3))
    touch_drag(phone, short["x"] + short["width"] / 2, short["y"] + short["height"] / 2, 0, 3 * row_height(phone))
    expect(note(phone, 3)).to_have_accessible_name("C♯4, note 3 of 30, bar 1")
    narrow = """() => [...document.querySelectorAll('.edit-note')].map(e => { const s = getComputedStyle(e, '::before');
        return Math.min(parseFloat(s.width), parseFloat(s.height)) })"""
    assert min(phone.evaluate(narrow)) >= 44
    assert wide(phone) == []
    screenshot(phone, "editor-phone")


def test_what_was_changed_is_what_a_remix_is_asked_for(editor: Page, service: Up, moment_id: str) -> None:
    heard = analysis(finished(service, moment_id))
    drag(editor, note(editor, 4), 0, -2 * row_height(editor))
    editor.get_by_role("combobox", name="Key", exact=True).select_option("Em")
    editor.get_by_role("button", name="60 bpm").click()
    editor.get_by_role("radio", name="Lofi").check(force=True)
    request = made(editor)
    body = json.loads(request.post_data or "")
    assert set(body) == {"style", "notes", "blueprint"}
    assert body["style"] == "lofi"
    assert body["blueprint"] == {"key": "Em", "tempo_bpm": 60}
    assert [set(each) for each in body["notes"]] == [{"start", "duration", "pitch"}] * 30
    assert request.headers["idempotency-key"]
    remix = finished(service, shown_id(editor))
    assert remix["status"] == "COMPLETED"
    assert remix["parent_id"] == moment_id
    assert analysis(remix)["written"] == [*heard["written"][:3], heard["written"][3] + 2, *heard["written"][4:]]
    assert remix["blueprint_json"]["key"] == "Em"
    # the editor of the new moment begins with its notes
    editor.get_by_text("Change it").click()
    expect(note(editor, 4)).to_have_accessible_name("G4, note 4 of 30, bar 1")
    expect(editor.get_by_text("Nothing is changed yet.")).to_be_visible()
    versions = editor.get_by_role("region", name="Versions of this hum")
    expect(versions.get_by_role("listitem")).to_have_count(2)
    expect(versions).to_contain_text("1 note changed")
    expect(versions).to_contain_text("D minor → E minor")


def test_what_a_style_does_to_the_tempo_is_said_before_and_comes_true(
    editor: Page, service: Up, moment_id: str
) -> None:
    tempo = finished(service, moment_id)["blueprint_json"]["tempo_bpm"]
    editor.get_by_role("radio", name="Lofi").check(force=True)
    said = editor.get_by_text(re.compile("^Lofi plays it at about [0-9]+ bpm"))
    about = int("".join(filter(str.isdigit, said.inner_text())))
    expect(editor.locator(".make-summary")).to_have_text(f"style: Lofi · about {about} bpm")
    keep = editor.get_by_role("button", name=f"Keep {tempo} bpm")
    editor.get_by_label("In your own words, if you like").fill("dark lofi")
    editor.get_by_role("button", name="Keep D minor").scroll_into_view_if_needed()
    axe(editor, ".editor")
    for name, width, height in (("phone", 390, 844), ("desktop", 1280, 800)):
        editor.set_viewport_size({"width": width, "height": height})
        centre(keep_key := editor.get_by_role("button", name="Keep D minor"))
        expect(keep_key).to_be_visible()
        editor.screenshot(path=SCREENSHOTS / f"editor-effects-{name}.png")
    editor.get_by_label("In your own words, if you like").fill("")
    editor.get_by_role("radio", name="Lofi").check(force=True)
    keep.click()
    expect(editor.get_by_text(f"It stays: {tempo} bpm.")).to_be_focused()
    expect(said).to_be_hidden()
    expect(editor.locator(".make-summary")).to_have_text(f"style: Lofi · {tempo} bpm")
    editor.get_by_role("button", name="Start over").click()
    editor.get_by_role("radio", name="Lofi").check(force=True)
    assert json.loads(made(editor).post_data or "") == {"style": "lofi"}
    assert finished(service, shown_id(editor))["blueprint_json"]["tempo_bpm"] == about


def test_a_tempo_that_is_kept_is_sent(editor: Page, service: Up, moment_id: str) -> None:
    tempo = finished(service, moment_id)["blueprint_json"]["tempo_bpm"]
    editor.get_by_role("radio", name="Lofi").check(force=True)
    editor.get_by_role("button", name=f"{tempo} bpm", exact=True).click()  # the chip that is pressed already
    assert json.loads(made(editor).post_data or "") == {"style": "lofi", "blueprint": {"tempo_bpm": tempo}}


def test_the_energy_of_each_section_is_drawn(editor: Page, service: Up, moment_id: str) -> None:
    sections = finished(service, moment_id)["blueprint_json"]["sections"]
    slider = editor.get_by_label("build, 1 bar")
    slider.focus()
    press(editor, "End")
    centre(editor.locator(".energy-curve"))
    curve = box(editor.locator(".energy-curve"))
    drag_from(editor, curve["x"] + curve["width"] * 3 / 8, curve["y"] + 5, 0, curve["height"] * 0.75)
    request = made(editor)
    body = json.loads(request.post_data or "")
    assert set(body) == {"blueprint"}
    energies = [section["energy"] for section in body["blueprint"]["sections"]]
    assert energies[0] == 1
    assert energies[1] == pytest.approx(0.2, abs=0.06)
    assert energies[2:] == [section["energy"] for section in sections[2:]]
    assert finished(service, shown_id(editor))["blueprint_json"]["sections"] == body["blueprint"]["sections"]


def test_the_columns_of_the_energy_have_the_names_of_the_sections(editor: Page, service: Up, moment_id: str) -> None:
    names = [section["name"] for section in finished(service, moment_id)["blueprint_json"]["sections"]]
    columns = editor.locator(".energy-columns > div")
    expect(columns.locator(".name")).to_have_text(names)
    expect(columns.locator(".name").first).to_be_visible()
    editor.set_viewport_size({"width": 320, "height": 640})
    dots = editor.locator(".energy-dot")
    for index, name in enumerate(names):
        expect(columns.nth(index).locator(".number")).to_have_text(str(index + 1))
        expect(columns.nth(index).locator(".number")).to_be_visible()
        column, dot = box(columns.nth(index)), box(dots.nth(index))
        assert column["x"] + column["width"] / 2 == pytest.approx(dot["x"] + dot["width"] / 2, abs=1)
        expect(editor.locator(".energy-sliders .name").nth(index)).to_contain_text(name)


def test_a_whole_song_gets_sections_of_its_own(editor: Page) -> None:
    editor.get_by_role("radio", name="Whole song").check()
    expect(editor.locator(".energy-curve")).to_be_hidden()
    with editor.expect_request("**/remix") as sent:
        editor.get_by_role("button", name="Make this version").click()
    assert json.loads(sent.value.post_data or "") == {"output_kind": "song", "blueprint": {"sections": None}}


def test_the_tempo_is_tapped(editor: Page) -> None:
    tap = editor.get_by_role("button", name="Tap along")
    tap.evaluate("""async (button) => { for (let taps = 0; taps < 4; taps++) {
        button.click(); await new Promise((wake) => setTimeout(wake, 500)) } }""")
    tempo = int(tempo_of(editor).input_value())
    assert tempo == pytest.approx(120, abs=8)


def test_two_versions_are_heard_in_turn_at_the_same_place(editor: Page) -> None:
    editor.get_by_role("radio", name="Lofi").check(force=True)
    made(editor)
    versions = editor.get_by_role("region", name="Versions of this hum")
    versions.get_by_role("button", name="Compare").first.click()
    side_a, side_b = (versions.get_by_role("button", name=re.compile(f"^{side} ")) for side in "AB")
    versions.get_by_role("button", name="Play").click()
    expect(versions.get_by_role("button", name="Pause")).to_be_visible()
    editor.wait_for_timeout(500)
    editor.keyboard.press("b")
    expect(side_b).to_have_attribute("aria-pressed", "true")
    expect(versions.get_by_role("status")).to_have_text("You hear B")
    expect(versions.get_by_role("button", name="Pause")).to_be_visible()
    editor.keyboard.press("b")
    expect(side_a).to_have_attribute("aria-pressed", "true")
    versions.get_by_role("button", name="Pause").click()
    expect(versions.get_by_role("button", name="Play")).to_be_visible()
    axe(editor, ".versions")
    screenshot(editor, "versions")


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("remix_too_early", 409, "still being listened to"),
        ("not_remixable", 409, "cannot be changed any more"),
        ("too_many_waiting", 429, "Try again in 7 seconds"),
        ("queue_full", 503, "Try again in 7 seconds"),
    ],
)
def test_a_refusal_is_explained(editor: Page, complaints: Complaints, code: str, status: int, said: str) -> None:
    complaints.allow("/remix")
    refuse(editor, status, {"code": code, "detail": "no", "errors": [], "retryable": True})
    editor.get_by_role("radio", name="Rock").check(force=True)
    editor.get_by_role("button", name="Make this version").click()
    expect(editor.get_by_role("alert").filter(has_text=said)).to_be_visible()
    expect(editor.get_by_role("button", name="Make this version")).to_be_enabled()


def test_a_fault_is_shown_at_its_field(editor: Page, complaints: Complaints) -> None:
    complaints.allow("/remix")
    errors = [
        {"pointer": "/blueprint/tempo_bpm", "message": "must be at most 220"},
        {"pointer": "/notes/6/pitch", "message": "must be a whole number from 21 to 108"},
    ]
    refuse(editor, 400, {"code": "invalid_remix", "detail": "no", "errors": errors, "retryable": False})
    editor.get_by_role("radio", name="Rock").check(force=True)
    editor.get_by_role("button", name="Make this version").click()
    expect(tempo_of(editor)).to_have_attribute("aria-invalid", "true")
    expect(tempo_of(editor)).to_have_accessible_description("must be at most 220")
    expect(editor.get_by_text("must be a whole number from 21 to 108")).to_be_visible()
    expect(note(editor, 7)).to_have_attribute("aria-selected", "true")


def test_the_same_wish_sent_twice_is_one_version(editor: Page, complaints: Complaints) -> None:
    complaints.allow("ERR_")
    keys: list[str] = []
    editor.on("request", lambda sent: keys.append(sent.headers["idempotency-key"]) if sent.method == "POST" else None)
    editor.route("**/remix", lambda route: route.abort())
    editor.get_by_role("radio", name="Rock").check(force=True)
    make = editor.get_by_role("button", name="Make this version")
    for times in (1, 2):
        make.click()
        expect(editor.get_by_role("alert").filter(has_text="does not answer")).to_be_visible()
        assert len(keys) == times
    assert keys[0] == keys[1]


def test_surprise_me_says_which_style_it_is(editor: Page) -> None:
    surprise = editor.get_by_role("radio", name="Surprise me")
    surprise.click(force=True)
    expect(editor.get_by_text("style: ")).to_be_visible()  # a later one may be the moment's own again
    styles = {editor.locator(".style-surprise").inner_text()}
    for _ in range(2):
        surprise.click(force=True)
        styles.add(editor.locator(".style-surprise").inner_text())
    assert len(styles) > 1
    assert all(text.startswith("This time: ") for text in styles)


def test_styles_are_chosen_by_arrow_keys_and_described_in_words(editor: Page) -> None:
    editor.get_by_role("radio", name="Lofi").focus()
    press(editor, "ArrowRight")
    expect(editor.get_by_role("radio", name="Orchestral")).to_be_checked()
    words = editor.get_by_label("In your own words, if you like")
    words.fill("dark")
    expect(editor.get_by_text("style: dark orchestral")).to_be_visible()
    expect(editor.get_by_text("These words are added to Orchestral.")).to_be_visible()
    expect(editor.get_by_text("Words about the mood may make it major or minor.")).to_be_visible()
    words.fill("dark lofi")
    expect(editor.get_by_text("style: dark lofi ·")).to_be_visible()
    expect(editor.get_by_text("These words choose Lofi")).to_be_visible()
    expect(editor.get_by_role("radio", name="Lofi")).to_be_checked()


def test_nothing_keeps_people_out(editor: Page) -> None:
    note(editor, 4).click()
    expect(editor.get_by_role("radio", name="Lofi")).to_be_visible()
    for scheme in ("light", "dark"):
        editor.emulate_media(color_scheme=scheme)
        axe(editor, ".editor")
        screenshot(editor, f"editor-{scheme}")


def opened(page: Page, moment_id: str) -> Page:
    page.goto(f"/#/moments/{moment_id}")
    page.get_by_text("Change it").click()
    expect(notes(page)).to_have_count(30)
    expect(page.get_by_role("radio", name="Lofi")).to_be_attached()
    return page


def notes(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Notes").get_by_role("option")


def note(page: Page, number: int) -> Locator:
    return notes(page).nth(number - 1)


def box(element: Locator) -> dict[str, float]:
    found = element.bounding_box()
    assert found is not None
    return {name: found[name] for name in ("x", "y", "width", "height")}


def tempo_of(page: Page) -> Locator:
    return page.get_by_role("spinbutton", name="Tempo, beats per minute")


def row_height(page: Page) -> float:
    height: float = page.evaluate(
        "() => { const roll = document.querySelector('.edit-sheet'); return roll.clientHeight /"
        " Number(roll.closest('.edit-roll').style.getPropertyValue('--rows')) }"
    )
    return height


def centre(element: Locator) -> None:
    """Scroll an element to where the bar at the bottom does not cover it."""
    element.evaluate("(element) => element.scrollIntoView({ block: 'center', inline: 'nearest' })")


def drag(page: Page, element: Locator, right: float, down: float) -> None:
    centre(element)
    at = box(element)
    drag_from(page, at["x"] + at["width"] / 2, at["y"] + at["height"] / 2, right, down)


def drag_from(page: Page, x: float, y: float, right: float, down: float) -> None:
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right / 2, y + down / 2, steps=4)
    page.mouse.move(x + right, y + down, steps=4)
    page.mouse.up()


def touch_drag(page: Page, x: float, y: float, right: float, down: float) -> None:
    """Move a finger; Playwright's own touch screen only taps."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: dict[str, float]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    touch("touchStart", {"x": x, "y": y})
    for step in range(1, 9):
        touch("touchMove", {"x": x + right * step / 8, "y": y + down * step / 8})
    touch("touchEnd")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def made(page: Page) -> Request:
    """Make the version; return its request once the page shows the new moment."""
    before = page.url
    with page.expect_request("**/remix") as sent:
        page.get_by_role("button", name="Make this version").click()
    page.wait_for_url(lambda url: url != before)
    return sent.value


def refuse(page: Page, status: int, problem: Json) -> None:
    """Answer remixes so: what cannot be provoked with a service that works."""
    headers = {"Content-Type": "application/problem+json", "Retry-After": "7"}
    page.route("**/remix", lambda route: route.fulfill(status=status, headers=headers, body=json.dumps(problem)))


def shown_id(page: Page) -> str:
    return page.url.rpartition("/")[2]


def finished(service: Up, job_id: str) -> Json:
    while True:
        answer = httpx.get(f"{service.url}/v1/jobs/{job_id}", headers={"Prefer": "wait=20"}, timeout=60)
        status: Json = answer.raise_for_status().json()
        if status["terminal"]:
            return status


def analysis(status: Json) -> Json:
    found: Json = status["blueprint_json"]["metadata"]["analysis"]
    return found


def test_sections_of_a_client_that_gave_them_no_energy_can_be_edited(page: Page) -> None:
    page.goto("/")
    script = """
        const { Wishes } = await load('editor/wishes.js');
        const metadata = { analysis: { notes: [] } };
        const sections = [{ name: 'a', bars: 4 }, { name: 'b', bars: 4, energy: 1 }];
        const wishes = new Wishes({ blueprint_json: { sections, metadata }, output_kind: 'preview' });
        return [wishes.energies.value, wishes.energiesDiffer];
    """
    assert run(page, script, None) == [[0.5, 1], False]
