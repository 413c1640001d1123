"""The pitch line that is drawn while somebody hums, against the notes that the service hears in the same hum."""

import base64
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.pitch_lines import best_fit, fit, heard_notes
from tests.support.up import HUM, Up

pytestmark = pytest.mark.browser

SHARE = 0.95
MODULES = "document.querySelector('script[type=module]').src.replace('main.js', '')"

OF_A_FILE = f"""async (encoded) => {{
    const {{ takeOf }} = await import({MODULES} + 'recorder/take.js');
    const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    return (await takeOf(new Blob([bytes]), 'hum.wav', new AbortController().signal)).points;
}}"""

LIVE = f"""async (seconds) => {{
    const {{ Session }} = await import({MODULES} + 'recorder/session.js');
    const session = new Session();
    session.seconds.watch((now) => {{ if (now > seconds) session.stop(); }}, new AbortController().signal);
    const {{ recording }} = await session.record(false, new AbortController().signal);
    const {{ takeOf }} = await import({MODULES} + 'recorder/take.js');
    const take = await takeOf(recording, 'hum.webm', new AbortController().signal);
    return {{ live: session.points, take: take.points, seconds: take.seconds }};
}}"""

TONES = f"""async (hertz) => {{
    const {{ PitchTracker }} = await import({MODULES} + 'recorder/pitch.js');
    return [44100, 48000, 16000].map((rate) => {{
        const tone = (_, index) => 0.2 * [1, 0.5, 0.3].reduce((sum, part, number) =>
            sum + part * Math.sin(2 * Math.PI * hertz * (number + 1) * index / rate), 0);
        const points = new PitchTracker(rate).push(Float32Array.from({{ length: rate }}, tone));
        return {{ pitches: points.map(({{ pitch }}) => pitch), last: points.at(-1).at, count: points.length }};
    }});
}}"""


@pytest.fixture(scope="module")
def notes(service: Up) -> list[dict[str, Any]]:
    return heard_notes(service)


def test_the_line_of_a_file_lies_on_the_notes_that_are_heard(page: Page, notes: list[dict[str, Any]]) -> None:
    page.goto("/")
    found = fit(page.evaluate(OF_A_FILE, base64.b64encode(HUM.read_bytes()).decode()), notes)
    assert found.points > 800
    assert found.share >= SHARE


def test_the_live_line_lies_on_the_notes_that_are_heard(page: Page, notes: list[dict[str, Any]]) -> None:
    page.goto("/")
    found = page.evaluate(LIVE, 16.8)
    live, take = best_fit(found["live"], notes, 1.0), best_fit(found["take"], notes, 1.0)
    assert live.points > 800
    assert live.share >= SHARE
    assert take.share >= SHARE


@pytest.mark.parametrize("hertz", [70, 110, 261.6, 880, 1760])
def test_a_steady_tone_is_found_within_a_fifth_of_a_semitone(page: Page, hertz: float) -> None:
    page.goto("/")
    meant = page.evaluate("hertz => 69 + 12 * Math.log2(hertz / 440)", hertz)
    for found in page.evaluate(TONES, hertz):
        assert found["count"] > 50
        assert 0.8 < found["last"] < 1.0
        assert max(abs(pitch - meant) for pitch in found["pitches"]) < 0.2


def test_silence_and_noise_have_no_pitch(page: Page) -> None:
    page.goto("/")
    script = f"""async (level) => {{
        const {{ PitchTracker }} = await import({MODULES} + 'recorder/pitch.js');
        let seed = 1; // a generator of our own: the same noise each time
        const noise = () => level * ((seed = seed * 16807 % 2147483647) / 1073741823.5 - 1);
        const points = new PitchTracker(48000).push(Float32Array.from({{ length: 96000 }}, noise));
        return points.map(({{ pitch }}) => pitch);
    }}"""
    for level in (0, 0.0001, 0.3):
        pitches = page.evaluate(script, level)
        assert len(pitches) > 100
        assert set(pitches) == {None}
