"""The way through the page that everybody takes: hum into the microphone, and hear the moment.

`make test` runs it; the rest of this folder belongs to `make test-browser`.
"""

from playwright.sync_api import Page, expect

HUMMED_MS = 5_000
"""Real time: a recording takes as long as it is."""

PLAYS = """() => { const place = document.querySelector('.player [role=slider]');
    return place && place.ariaValueMax > 10 && place.ariaValueNow >= 1 }"""


def test_a_hum_becomes_music_that_plays(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Start humming").click()
    stop = page.get_by_role("button", name="Stop")
    expect(stop).to_be_visible()
    page.wait_for_timeout(HUMMED_MS)
    stop.click()
    page.get_by_role("button", name="Make my music").click()
    page.wait_for_function(PLAYS)
