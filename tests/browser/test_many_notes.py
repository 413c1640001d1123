"""Two minutes with a thousand notes: what is done for each of them is little, and what is not seen is not drawn."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.moments import Finished

pytestmark = pytest.mark.browser

MANY = 1000
SECONDS = 120.0


def lengthen(analysis: dict[str, Any]) -> dict[str, Any]:
    """Return an analysis as if two minutes had been hummed as fast as one can."""
    step = SECONDS / MANY
    notes = [
        {**analysis["notes"][0], "onset": index * step, "duration": step * 0.9, "pitch": 60 + index % 12}
        for index in range(MANY)
    ]
    written = [60 + index % 12 for index in range(MANY)]
    beats = [second / 2 for second in range(int(SECONDS * 2))]
    phrases = list(range(0, MANY, 25))
    return {**analysis, "notes": notes, "written": written, "beats": beats, "phrases": phrases, "duration": SECONDS}


@pytest.fixture
def long(phone: Page, finished: Finished) -> Page:
    """The view of a moment that has them."""

    def answer(route: Route) -> None:
        response = route.fetch()
        status = response.json()
        metadata = status["blueprint_json"]["metadata"]
        metadata["analysis"] = lengthen(metadata["analysis"])
        route.fulfill(response=response, body=json.dumps(status))

    phone.add_init_script(COUNTED)
    phone.route(f"**/v1/jobs/{finished.id}", answer)
    phone.goto(f"/#/moments/{finished.id}")
    expect(phone.locator(".facts")).to_contain_text("1000 notes")
    return phone


COUNTED = """
window.asked = 0; window.drawn = 0;
const ask = window.getComputedStyle;
window.getComputedStyle = (...given) => { asked += 1; return ask.apply(window, given); };
const draw = CanvasRenderingContext2D.prototype.roundRect;
CanvasRenderingContext2D.prototype.roundRect = function (...given) { drawn += 1; return draw.apply(this, given); };
"""


def test_only_what_is_seen_is_drawn(long: Page) -> None:
    long.wait_for_load_state("networkidle")
    long.wait_for_timeout(2000)  # the notes have appeared
    asked, drawn = long.evaluate(
        """async () => {
            const frame = () => new Promise(requestAnimationFrame), roll = document.querySelector('.roll-scroller');
            await frame();
            asked = drawn = 0;
            roll.scrollLeft += 100;
            for (let count = 0; count < 3; count++) await frame();
            return [asked, drawn];
        }"""
    )
    assert 0 < drawn < MANY / 4
    assert asked <= 20
