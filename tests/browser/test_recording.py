"""Recording a hum: what one sees and hears of it, and that nothing goes on or gets lost that should not."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from domain.recordings.length import LONGEST_SECONDS, SHORTEST_SECONDS
from tests.support.microphones import HIDDEN, answer_late, count_streams, hear_a_tone, live_tracks, refuse
from tests.support.up import HUM

pytestmark = pytest.mark.browser

MAIN = "button.hum"
AT_ONCE = "localStorage.setItem('moment.count_in', 'no')"


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page whose streams are noted, and which does not count in."""
    opened = context.new_page()
    opened.add_init_script(AT_ONCE)
    count_streams(opened)
    return opened


def record(page: Page, milliseconds: int = 1500) -> None:
    """Hum into the microphone; return when the take is there."""
    start(page)
    page.wait_for_timeout(milliseconds)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("region", name="Your take")).to_be_visible()


def start(page: Page) -> None:
    """Start a recording; return when it runs."""
    page.get_by_role("button", name="Start humming").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()


def test_a_double_click_opens_one_stream_and_starts_one_recording(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Start humming").dblclick()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.wait_for_timeout(300)
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    assert live_tracks(page) == [True]


def test_a_stopped_recording_is_a_take_and_leaves_the_microphone_off(page: Page) -> None:
    page.goto("/")
    record(page)
    assert live_tracks(page) == [False]
    expect(page.get_by_role("button", name="Make my music")).to_be_enabled()
    expect(page.get_by_role("button", name="Listen")).to_be_visible()


def test_cancelling_keeps_nothing_and_leaves_the_microphone_off(page: Page) -> None:
    page.goto("/")
    start(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Start humming")).to_be_visible()
    assert live_tracks(page) == [False]
    expect(page.get_by_role("button", name="Make my music")).to_be_hidden()


def test_leaving_the_view_leaves_the_microphone_off(page: Page) -> None:
    page.goto("/")
    start(page)
    page.get_by_role("link", name="My moments").click()
    expect(page.get_by_role("heading", level=1, name="My moments")).to_be_visible()
    assert live_tracks(page) == [False]


def test_a_hidden_page_records_nobody_and_keeps_what_it_has(page: Page) -> None:
    page.goto("/")
    start(page)
    page.wait_for_timeout(1500)
    page.evaluate(HIDDEN)
    expect(page.get_by_text("You left the page, so the recording stopped.")).to_be_visible()
    expect(page.get_by_role("region", name="Your take")).to_be_visible()
    assert live_tracks(page) == [False]


def test_a_microphone_that_goes_away_leaves_the_take(page: Page) -> None:
    page.goto("/")
    start(page)
    page.wait_for_timeout(1500)
    page.evaluate("opened[0].getTracks().forEach(track => { track.stop(); track.dispatchEvent(new Event('ended')) })")
    expect(page.get_by_text("The microphone went away.")).to_be_visible()
    expect(page.get_by_role("region", name="Your take")).to_be_visible()


def test_counting_in_can_be_skipped_and_turned_off(page: Page) -> None:
    page.goto("/")
    count_in = page.get_by_role("checkbox", name="Count me in")
    expect(count_in).not_to_be_checked()
    count_in.check()
    page.get_by_role("button", name="Start humming").click()
    expect(page.locator(".counter")).to_have_text("3")
    page.get_by_role("button", name="Start now").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    assert page.evaluate("localStorage.getItem('moment.count_in')") == "yes"


def test_humming_again_keeps_the_last_take_until_there_is_another(page: Page) -> None:
    page.goto("/")
    record(page)
    page.get_by_role("button", name="Hum again").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("region", name="Your take")).to_be_visible()


def test_less_than_a_second_is_told_before_it_is_sent(page: Page) -> None:
    page.goto("/")
    start(page)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("That was too short. A recording has at least 1 s")).to_be_visible()
    expect(page.get_by_role("button", name="Start humming")).to_be_visible()


def test_a_recording_stops_at_the_limit_of_the_service(page: Page) -> None:
    page.goto("/")
    told = page.evaluate("JSON.parse(document.getElementById('limits').textContent)")
    assert (told["shortest_seconds"], told["longest_seconds"]) == (SHORTEST_SECONDS, LONGEST_SECONDS)

    def shorter(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(
            response=answer, body=answer.text().replace(f'"longest_seconds":{LONGEST_SECONDS}', '"longest_seconds":2.5')
        )

    page.route(re.compile(r"/$"), shorter)
    page.reload()
    start(page)
    expect(page.get_by_text("That is as long as a recording can be.")).to_be_visible()
    expect(page.get_by_role("region", name="Your take")).to_be_visible()
    assert live_tracks(page) == [False]


@pytest.mark.parametrize(
    ("level", "hint"), [(0, "We hear nothing. Is the microphone on?"), (0.003, "Very quiet."), (2, "Too loud.")]
)
def test_what_is_wrong_with_the_sound_is_said_meanwhile(page: Page, level: float, hint: str) -> None:
    hear_a_tone(page, level)
    page.goto("/")
    start(page)
    expect(page.get_by_text(hint)).to_be_visible()


def test_nothing_is_said_of_a_good_sound(page: Page) -> None:
    hear_a_tone(page, 0.3)
    page.goto("/")
    start(page)
    page.wait_for_timeout(4000)
    expect(page.locator(".loudness .remark")).to_be_empty()


def test_who_is_still_asked_for_the_microphone_can_cancel(page: Page) -> None:
    answer_late(page)
    page.goto("/")
    page.get_by_role("button", name="Start humming").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Start humming")).to_be_visible()
    page.evaluate("answer()")
    page.wait_for_function("() => opened[0]?.getTracks().every(track => track.readyState === 'ended')")


def test_what_sounds_is_silent_while_somebody_hums(page: Page) -> None:
    page.goto("/")
    page.locator("input[type=file]").set_input_files(HUM)
    page.get_by_role("button", name="Listen").click()
    expect(page.locator(".cursor")).to_be_visible()
    page.get_by_role("button", name="Hum again").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    assert page.locator(".cursor").get_attribute("hidden") is not None


def test_a_denied_microphone_is_explained(context: BrowserContext, page: Page) -> None:
    context.clear_permissions()
    page.goto("/")
    page.get_by_role("button", name="Start humming").click()
    expect(page.get_by_text("This page may not use the microphone.")).to_be_visible()
    expect(page.get_by_role("button", name="Start humming")).to_be_enabled()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("NotFoundError", "There is no microphone."),
        ("NotReadableError", "Another program or tab is using the microphone."),
        ("InvalidStateError", "The microphone does not work: Refused."),
    ],
)
def test_what_keeps_the_microphone_away_is_said_in_words(page: Page, error: str, words: str) -> None:
    refuse(page, error)
    page.goto("/")
    page.get_by_role("button", name="Start humming").click()
    expect(page.get_by_text(words)).to_be_visible()
