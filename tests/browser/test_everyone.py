"""The page is for everyone: with a screen reader, a keyboard, a small phone, in the dark, without motion or scripts."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.complaints import Complaints
from tests.support.moments import Finished
from tests.support.studio_page import axe, screenshot, small_targets, wide

pytestmark = pytest.mark.browser

VIEWS = {
    "first": "/",
    "mine": "/#/mine",
    "moment": "/#/moments/{moment.id}",
    "gone": "/#/moments/00000000-0000-4000-8000-000000000000",
    "nowhere": "/#/nowhere",
    "shared": "/m/{moment.token}",
    "errors": "/docs/errors",
}
THERE = {"moment": ".player .slider:not([aria-valuemax='0.0'])", "shared": "audio"}
"""What is there at last."""

every_view = pytest.mark.parametrize("view", VIEWS)


@pytest.fixture(autouse=True)
def _gone_is_gone(complaints: Complaints) -> None:
    complaints.allow(r"404 .*00000000-0000-4000-8000-000000000000")


def show(page: Page, view: str, moment: Finished) -> None:
    """Open a view; return when all of it is there."""
    page.goto(VIEWS[view].format(moment=moment))
    expect(page.locator("h1").filter(visible=True)).to_have_count(1)
    if view in THERE:
        expect(page.locator(THERE[view])).to_be_visible()
    page.wait_for_load_state("networkidle")


@every_view
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, finished: Finished, view: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    show(page, view, finished)
    screenshot(page, f"{view}-{scheme}")
    axe(page)


@every_view
def test_a_small_phone_never_scrolls_sideways(small_phone: Page, finished: Finished, view: str) -> None:
    show(small_phone, view, finished)
    screenshot(small_phone, f"{view}-320")
    assert wide(small_phone) == []
    axe(small_phone)


@every_view
def test_fingers_hit_what_they_aim_at(phone: Page, finished: Finished, view: str) -> None:
    show(phone, view, finished)
    screenshot(phone, f"{view}-phone")
    assert small_targets(phone) == []


def test_the_keyboard_alone_hums_a_tune(page: Page) -> None:
    page.goto("/")
    page.wait_for_load_state("networkidle")
    focused = []
    while (name := _next_focus(page)) not in focused:
        focused.append(name)
    assert focused[0] == "Skip to the content"
    assert {"Start humming", "Count me in: 3, 2, 1", "Choose a recording"} <= set(focused)
    while _next_focus(page) != "Start humming":
        pass
    page.keyboard.press("Enter")
    stop = page.get_by_role("button", name="Stop")
    expect(stop).to_be_visible()
    expect(stop).to_be_focused()
    page.wait_for_timeout(3000)
    page.keyboard.press("Space")
    take = page.get_by_role("region", name="Your take")
    expect(take).to_be_visible()
    expect(page.locator("div:focus").filter(has=take)).to_be_visible()
    while _next_focus(page) != "Make my music":
        pass
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Your moment")).to_be_visible()
    expect(page.locator("main")).to_be_focused()


def _next_focus(page: Page) -> str:
    """Press the tabulator key; return the name of what has the focus, which must be seen."""
    page.keyboard.press("Tab")
    name, seen = page.evaluate(
        """() => { const e = document.activeElement, { outlineStyle, outlineWidth } = getComputedStyle(e);
        const { top, left, bottom } = e.getBoundingClientRect();
        const seen = left >= 0 && bottom > 0 && top < innerHeight && outlineStyle !== 'none' && outlineWidth !== '0px';
        const label = e.labels?.[0]?.querySelector('span')?.textContent || e.labels?.[0]?.textContent;
        return [(e.ariaLabel || label || e.textContent || e.tagName).trim(), seen || e === document.body] }"""
    )
    assert seen, name
    return str(name)


def test_the_focus_is_not_lost_with_the_button_that_had_it(page: Page, finished: Finished) -> None:
    page.goto(f"/#/moments/{finished.id}")
    page.get_by_role("button", name="Make a link").press("Enter")
    expect(page.get_by_role("button", name="Copy")).to_be_focused()


@pytest.mark.parametrize("view", ["first", "moment"])
def test_a_phone_that_magnifies_twice_never_scrolls_sideways(page: Page, finished: Finished, view: str) -> None:
    page.set_viewport_size({"width": 195, "height": 422})
    show(page, view, finished)
    if view == "moment":
        page.get_by_role("button", name="Mixer").click()
        expect(page.get_by_role("button", name="Mute Voice")).to_be_visible()
    assert wide(page) == []


@pytest.mark.parametrize("view", ["first", "moment"])
def test_the_colours_that_a_system_forces_are_those_that_are_drawn(page: Page, finished: Finished, view: str) -> None:
    page.emulate_media(forced_colors="active", color_scheme="dark")
    show(page, view, finished)
    screenshot(page, f"{view}-forced")
    axe(page)
    button, text, system = page.evaluate(FORCED)
    assert (button, text) == ("none", system), "Chromium writes on a ground of its own else, which hides the text"
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--note').trim()") == "CanvasText"


FORCED = """() => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.setProperty('color', 'HighlightText');
    const button = getComputedStyle(document.querySelector('.hum, .play'));
    return [button.forcedColorAdjust, button.color, getComputedStyle(probe).color];
}"""


def test_skipping_to_the_content_stays_in_the_view(page: Page, finished: Finished) -> None:
    page.goto(f"/#/moments/{finished.id}")
    expect(page.get_by_role("heading", level=1, name="Your moment")).to_be_visible()
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    expect(page).to_have_url(re.compile(f"#/moments/{finished.id}$"))


def test_nothing_moves_for_who_wants_it_still(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto("/")
    page.get_by_role("button", name="Start humming").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    moving = "() => document.getAnimations().filter(a => a.playState === 'running').length"
    assert page.evaluate(moving) == 0


def test_who_runs_no_scripts_is_told_what_works_and_sees_no_dead_button(
    new_context: Callable[..., BrowserContext], finished: Finished
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/")
    told = page.locator("noscript p")  # Playwright looks for no text in there
    expect(told).to_be_visible()
    expect(told).to_contain_text("moment create")
    expect(page.get_by_role("button")).to_have_count(0)
    screenshot(page, "first-without-scripts")
    page.goto(f"/m/{finished.token}")
    expect(page.locator("audio[controls][src]")).to_be_visible()
