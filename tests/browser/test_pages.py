"""The pages in a real browser, under their Content Security Policies: a hum goes in, and the music plays."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect

from entrypoints.local.network import free_port
from tests.support.complaints import Complaints
from tests.support.sent_moments import finish
from tests.support.up import HUM, Up

PATIENCE_MS = 60_000
PLAYS = "() => document.querySelector('.player [role=slider]')?.ariaValueNow >= 1"
OPENED = "() => document.querySelector('video').readyState >= 2 && !document.querySelector('video').error"
"""A recording that is opened by itself plays in a page that the browser makes for it."""


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"MUSIC_TOOLS_WORKERS": "1"}


@pytest.fixture(autouse=True)
def _patience(page: Page) -> None:
    page.set_default_timeout(PATIENCE_MS)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_hum_becomes_music_without_a_violation(service: Up, page: Page, host: str) -> None:
    """The objects are at 127.0.0.1, which is another origin than localhost."""
    page.goto(f"{service.url.replace('127.0.0.1', host)}/")
    assert page.locator(".hum").evaluate("button => getComputedStyle(button).fontWeight") == "600"
    page.locator("input[type=file]").set_input_files(HUM)
    page.locator(".order button.primary").click()
    page.wait_for_function(PLAYS)
    job = page.evaluate("location.hash.split('/')[2]")
    music = finish(service, job)["final_audio_url"]
    assert music.startswith(service.url)
    page.goto(music)
    page.wait_for_function(OPENED)


HEARD = """
fetch('/v1/styles/chiptune/sample', { headers: { Prefer: 'wait=30' } }).then(answer => answer.arrayBuffer())
  .then(bytes => new OfflineAudioContext(2, 1, 44100).decodeAudioData(bytes)).then(sound => sound.duration)
"""


def test_a_style_can_be_heard(page: Page) -> None:
    """The sample is made by the real tools; it comes from 127.0.0.1 to a page at localhost."""
    page.goto("/")
    assert 8 < page.evaluate(HEARD) < 13


FOLLOW = """
window.told = [];
window.source = new EventSource('/v1/jobs/ID/events');
for (const name of ['status', 'artifact'])
  source.addEventListener(name, event => told.push([event.lastEventId, JSON.parse(event.data)]));
"""


def test_an_event_source_is_told_all_once_and_stops_by_itself(service: Up, page: Page) -> None:
    sent = httpx.post(f"{service.url}/v1/create-moment", files={"file": HUM.read_bytes()}, timeout=30)
    page.goto(f"{service.url}/")
    page.evaluate(FOLLOW.replace("ID", sent.json()["job_id"]))
    # It connects again after the end, and is answered 204.
    page.wait_for_function("() => source.readyState === EventSource.CLOSED")
    told = page.evaluate("told")
    assert told[-1][1]["status"] == "COMPLETED"
    assert len({event_id for event_id, _ in told}) == len(told)
    assert {"vocals", "instrumental", "final"} < {data["name"] for _, data in told if "name" in data}
    assert page.evaluate(f"fetch('{told[-2][1]['url']}', {{method: 'HEAD'}}).then(answer => answer.ok)")


def test_the_documentation_shows_every_operation_and_tries_one(service: Up, page: Page) -> None:
    styles = page.locator("#operations-blueprints-listStyles")
    page.goto(f"{service.url}/docs")
    page.wait_for_function("() => document.querySelectorAll('.opblock').length >= 8")
    assert page.locator(".opblock").first.evaluate("block => getComputedStyle(block).borderRadius") != "0px"
    styles.locator(".opblock-summary-control").click()
    # Swagger UI hangs on a click before it has resolved the operation's references, which takes some milliseconds.
    expect(styles).to_contain_text("tempo_range")
    styles.locator(".execute").click()
    expect(styles).to_contain_text('"synthwave"')
    expect(styles).to_contain_text("x-request-id")


def test_the_error_of_a_problem_is_shown(service: Up, page: Page) -> None:
    page.goto(f"{service.url}/docs/errors#not_audio")
    row = page.locator("tr:target")
    assert row.evaluate("row => getComputedStyle(row).outlineStyle") == "solid"
    expect(row).to_contain_text("no supported audio format")


def test_the_policy_stops_what_is_added_to_the_page(service: Up, page: Page, complaints: Complaints) -> None:
    page.goto(f"{service.url}/")
    page.evaluate(
        "() => { const script = document.createElement('script'); script.textContent = 'window.stolen = 1';"
        "document.body.append(script); document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=stolen=1>') }"
    )
    asked = page.evaluate(f"fetch('http://127.0.0.1:{free_port()}/').then(() => 'reached', error => error.name)")
    assert asked == "TypeError"
    assert page.evaluate("window.stolen === undefined")
    assert any("Content Security Policy" in complaint for complaint in complaints.unexpected)
    complaints.allow("Content Security Policy|404.*/x")


def test_a_foreign_page_sends_no_form(service: Up, page: Page, complaints: Complaints) -> None:
    """A form needs nobody's permission: the page of another site cancels no job."""
    complaints.allow("403")
    with other_site(f"<form method=post action='{service.url}/v1/jobs/{uuid4()}/cancel'><input name=a></form>") as url:
        page.goto(url)
        page.evaluate("document.forms[0].submit()")
        page.wait_for_url(f"{service.url}/**")
    expect(page.locator("body")).to_contain_text('"cross_site_request"')


@contextmanager
def other_site(page: str) -> Iterator[str]:
    """Serve a page for the duration of the block; yield its URL."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
