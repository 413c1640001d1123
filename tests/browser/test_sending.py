"""From a take to a moment: files, cutting, sending, and what happens when that fails."""

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.support.complaints import Complaints
from tests.support.studio_page import SCREENSHOTS
from tests.support.up import HUM, Up

pytestmark = pytest.mark.browser

OURS = [66, 66, 67, 69, 69, 67, 66, 64, 62, 62, 64, 66, 66, 64, 64]
CREATE = "**/v1/create-moment"
SOURCE = "document.querySelector('script[type=module]').src.replace('main.js', '')"


LOST = """
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (body) {
    if (!sessionStorage.getItem('lost')) this.onload = () => { sessionStorage.setItem('lost', 'yes'); this.onerror(); };
    return send.call(this, body);
};
"""
"""The first answer gets lost on its way; the service has carried the request out."""


def choose(page: Page, file: Path = HUM) -> None:
    """Choose a recording; return when it is a take."""
    page.get_by_label("Choose a recording").set_input_files(file)
    expect(page.get_by_role("region", name="Your take")).to_be_visible()


def make(page: Page) -> str:
    """Send the take; return the id of its moment."""
    page.get_by_role("button", name=re.compile("Make my music|Send again")).click()
    page.wait_for_url(re.compile("#/moments/"))
    return page.url.rpartition("/")[2]


def status(service: Up, job: str) -> dict[str, object]:
    """Wait for the end of a job; return its status."""
    with httpx.Client(base_url=service.url, timeout=60) as api:
        found: dict[str, object] = {"terminal": False}
        while not found["terminal"]:
            found = api.get(f"/v1/jobs/{job}", headers={"Prefer": "wait=20"}).json()
    return found


def test_a_file_is_cut_by_the_keyboard_and_becomes_music_with_its_line(page: Page, service: Up) -> None:
    page.goto("/")
    choose(page)
    page.get_by_role("slider", name="Start of what is used").focus()
    for key in ("PageUp", "PageUp", "ArrowRight"):
        page.keyboard.press(key)
    page.get_by_role("slider", name="End of what is used").focus()
    for _ in range(6):
        page.keyboard.press("PageDown")
    expect(page.get_by_text("0:09 long")).to_be_visible()
    page.get_by_role("radio", name="Lofi").check(force=True)
    job = make(page)
    found = status(service, job)
    analysis = found["blueprint_json"]["metadata"]["analysis"]  # type: ignore[index]
    assert found["status"] == "COMPLETED"
    assert analysis["duration"] == pytest.approx(16.785 - 2.1 - 6, abs=0.02)
    kept = page.evaluate(f"async (id) => (await import({SOURCE} + 'device/recordings.js')).recordingOf(id)", job)
    assert 450 < len(kept["points"]) < 560
    assert kept["points"][0]["at"] >= 0
    assert page.evaluate("JSON.parse(localStorage.getItem('moment.mine'))[0].style") == "lofi"


def test_a_handle_is_dragged(page: Page) -> None:
    page.goto("/")
    choose(page)
    stage = page.locator(".trim").bounding_box()
    assert stage
    page.mouse.move(stage["x"] + 1, stage["y"] + 20)
    page.mouse.down()
    page.mouse.move(stage["x"] + stage["width"] / 2, stage["y"] + 20, steps=4)
    page.mouse.up()
    expect(page.get_by_role("slider", name="Start of what is used")).to_have_attribute("aria-valuenow", "8.4")


def test_a_file_is_dropped_anywhere(page: Page) -> None:
    page.goto("/")
    dropped = page.evaluate_handle(
        """async () => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array([1, 2, 3])], 'odd.xyz'));
            return data;
        }"""
    )
    page.dispatch_event("body", "dragover", {"dataTransfer": dropped})
    expect(page.get_by_text("Drop the recording here")).to_be_visible()
    page.dispatch_event("body", "drop", {"dataTransfer": dropped})
    expect(page.get_by_text("odd.xyz")).to_be_visible()
    expect(page.get_by_text("Drop the recording here")).to_be_hidden()


def test_a_file_of_another_kind_is_refused_in_the_words_of_the_service(
    page: Page, tmp_path: Path, complaints: Complaints
) -> None:
    complaints.allow("415")
    (tmp_path / "letter.dat").write_bytes(b"%PDF-1.7\n" + b"text " * 1000)
    page.goto("/")
    choose(page, tmp_path / "letter.dat")
    expect(page.get_by_text("the service may still understand it")).to_be_visible()
    page.get_by_role("button", name="Make my music").click()
    expect(page.get_by_text("Unsupported audio format")).to_be_visible()
    expect(page.get_by_text("letter.dat, 5 kB.", exact=True)).to_be_visible()
    expect(page.get_by_text("the service may still understand it")).to_be_hidden()


@pytest.mark.parametrize("size", ["phone", "page"])
def test_the_button_is_on_the_screen_as_long_as_there_is_a_take(request: pytest.FixtureRequest, size: str) -> None:
    view: Page = request.getfixturevalue(size)
    view.goto("/")
    choose(view)
    make = view.get_by_role("button", name="Make my music")
    last = view.get_by_role("group", name="Length")
    for name, y in (("top", 0), ("middle", 300), ("end", 100_000)):
        view.evaluate("(y) => scrollTo(0, y)", y)
        expect(make).to_be_in_viewport(ratio=1)
        screen = view.screenshot(path=SCREENSHOTS / f"take-{size}-{name}.png")
        assert screen
    bar, length = view.locator(".make-music").bounding_box(), last.bounding_box()
    assert bar
    assert length
    assert length["y"] + length["height"] <= bar["y"]
    for field in ("Surprise me", "In your own words, if you like", "Preview, 15–30 seconds"):
        view.get_by_label(field).focus()
        at = view.get_by_label(field).bounding_box()
        assert at
        assert at["y"] + at["height"] <= bar["y"]


def test_our_own_tune_becomes_music(page: Page, service: Up) -> None:
    page.goto("/")
    page.get_by_role("button", name="No tune? Take ours").click()
    expect(page.get_by_role("region", name="Your take")).to_be_visible()
    found = status(service, make(page))
    assert found["status"] == "COMPLETED"
    assert found["blueprint_json"]["metadata"]["analysis"]["written"] == OURS  # type: ignore[index]


def test_what_was_not_answered_is_sent_again_with_the_same_key_after_a_reload(page: Page) -> None:
    keys: list[str] = []
    page.on("request", lambda request: keys.append(_key_of(request)) if "create-moment" in request.url else None)

    page.add_init_script(LOST)
    page.goto("/")
    choose(page)
    page.get_by_role("button", name="Make my music").click()
    expect(page.get_by_text("Your take is safe; you can send it again.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("This take was not sent yet.")).to_be_visible()
    with page.expect_response(CREATE) as answered:
        job = make(page)
    assert answered.value.headers["idempotency-replayed"] == "true"
    assert answered.value.json()["job_id"] == job
    assert len(keys) == 2
    assert len(set(keys)) == 1
    page.goto("/#/")
    expect(page.get_by_role("button", name="Start humming")).to_be_visible()


def test_a_key_in_use_is_waited_for_and_another_wish_has_another_key(page: Page, complaints: Complaints) -> None:
    complaints.allow("409|503")
    keys: list[str] = []

    def busy(route: Route) -> None:
        keys.append(_key_of(route.request))
        if len(keys) == 1:
            route.fulfill(status=503, json={"detail": "The queue is full.", "code": "queue_full", "retryable": True})
        elif len(keys) == 2:
            problem = {"detail": "Another request is running.", "code": "idempotency_key_in_use", "retryable": True}
            route.fulfill(status=409, headers={"Retry-After": "1"}, json=problem)
        else:
            route.continue_()

    page.route(CREATE, busy)
    page.goto("/")
    choose(page)
    page.get_by_role("button", name="Make my music").click()
    expect(page.get_by_text("The queue is full.")).to_be_visible()
    page.get_by_role("radio", name="Rock").check(force=True)
    make(page)
    assert len(keys) == 3
    assert keys[0] != keys[1]
    assert keys[1] == keys[2]


def test_sending_is_cancelled(page: Page) -> None:
    page.route(CREATE, lambda route: None)
    page.goto("/")
    choose(page)
    page.get_by_role("button", name="Make my music").click()
    page.locator(".sending").get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Not sent. Your take is still here.")).to_be_visible()
    expect(page.get_by_role("button", name="Make my music")).to_be_enabled()


def test_recordings_of_moments_are_kept_and_the_oldest_of_many_leave(page: Page) -> None:
    page.goto("/")
    kept = page.evaluate(
        f"""async () => {{
            const device = await import({SOURCE} + 'device/recordings.js');
            await device.keepUnsent({{ recording: new Blob(['unsent']), name: 'hum.webm' }});
            for (let index = 0; index < 24; index++) {{
                await device.keepRecording(`job-${{index}}`, {{ recording: new Blob([String(index)]), points: [] }});
            }}
            await device.forgetRecording('job-20');
            const found = await Promise.all([0, 3, 20, 23].map((index) => device.recordingOf(`job-${{index}}`)));
            return [...found.map((one) => one && one.recording.size), (await device.unsentTake()).name];
        }}"""
    )
    assert kept == [None, None, None, 2, "hum.webm"]


def _key_of(request: Request) -> str:
    return request.headers["idempotency-key"]
