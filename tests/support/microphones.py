"""What tests do to the microphone of a page, and ask of it."""

from typing import Final

from playwright.sync_api import Page

COUNTED: Final = """
window.opened = [];
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await open(wanted);
    window.opened.push(stream);
    return stream;
};
"""
"""Notes every stream that the page opens."""

LATE: Final = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
    await new Promise((wake) => { window.answer = wake; });
    return ask(wanted);
};
"""

SYNTHETIC: Final = """
navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext(), end = context.createMediaStreamDestination();
    const tone = context.createOscillator(), gain = context.createGain();
    gain.gain.value = LEVEL;
    tone.connect(gain).connect(end);
    tone.start();
    return end.stream;
};
"""

HIDDEN: Final = """() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
}"""
"""What a browser does when the user goes to another tab."""


def count_streams(page: Page) -> None:
    """Note the streams that the page will open."""
    page.add_init_script(COUNTED)


def live_tracks(page: Page) -> list[bool]:
    """Return of each stream that was opened whether it is still on."""
    script = "() => opened.map(stream => stream.getTracks().some(track => track.readyState === 'live'))"
    found: list[bool] = page.evaluate(script)
    return found


def answer_late(page: Page) -> None:
    """Have the user answer only when `answer()` is called whether the page may hear the microphone."""
    page.add_init_script(LATE)


def hear_a_tone(page: Page, level: float) -> None:
    """Give the page a microphone that hears a steady tone; 1 is full scale."""
    page.add_init_script(SYNTHETIC.replace("LEVEL", str(level)))


def refuse(page: Page, error: str) -> None:
    """Have the browser refuse the microphone with an error of this name."""
    page.add_init_script(
        f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('Refused.', '{error}'));"
    )
