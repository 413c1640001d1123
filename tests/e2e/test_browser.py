"""The page in a real browser, under its Content Security Policy: a hum goes in, and the music plays."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from uuid import uuid4

import httpx
import pytest

from entrypoints.local.network import free_port
from tests.support.browser import Tab, browser
from tests.support.up import HUM, Up, up

PLAYS = "document.querySelector('.player [role=slider]')?.ariaValueNow >= 1"
OPENED = "document.querySelector('video').readyState >= 2 && !document.querySelector('video').error"
"""A recording that is opened by itself plays in a page that the browser makes for it."""


@pytest.fixture(scope="module")
def service() -> Iterator[Up]:
    """Give the running service; its objects have another origin than the page that these tests open."""
    with (
        tempfile.TemporaryDirectory(prefix="moment-e2e-") as folder,
        up(Path(folder) / "data", free_port(), MUSIC_TOOLS_WORKERS="1") as running,
    ):
        running.await_ready()
        yield running


@pytest.fixture
def tab(tmp_path: Path) -> Iterator[Tab]:
    with browser(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_hum_becomes_music_without_a_violation(service: Up, tab: Tab, host: str) -> None:
    tab.visit(f"{service.url.replace('127.0.0.1', host)}/")
    tab.await_that("document.querySelector('input[type=file]') !== null")
    assert tab.value("getComputedStyle(document.querySelector('.hum')).fontWeight") == "600"
    tab.choose("input[type=file]", HUM)
    tab.await_that("document.querySelector('.order button.primary')?.checkVisibility()")
    tab.value("document.querySelector('.order button.primary').click()")
    tab.await_that(PLAYS)
    assert tab.complaints == []
    job = tab.value("location.hash.split('/')[2]")
    tab.await_that(f"fetch('/v1/jobs/{job}').then(answer => answer.json()).then(status => status.terminal)")
    music = httpx.get(f"{service.url}/v1/jobs/{job}", timeout=30).json()["final_audio_url"]
    assert music.startswith(service.url)
    tab.visit(music)
    tab.await_that(OPENED)
    assert tab.complaints == []


HEARD = """
fetch('/v1/styles/chiptune/sample', { headers: { Prefer: 'wait=30' } }).then(answer => answer.arrayBuffer())
  .then(bytes => new OfflineAudioContext(2, 1, 44100).decodeAudioData(bytes)).then(sound => sound.duration)
"""


def test_a_style_can_be_heard(service: Up, tab: Tab) -> None:
    """The sample is made by the real tools; it comes from 127.0.0.1 to a page at localhost."""
    tab.visit(f"{service.url.replace('127.0.0.1', 'localhost')}/")
    assert 8 < tab.value(HEARD) < 13
    assert tab.complaints == []


FOLLOW = """
window.told = [];
window.source = new EventSource('/v1/jobs/ID/events');
for (const name of ['status', 'artifact'])
  source.addEventListener(name, event => told.push([event.lastEventId, JSON.parse(event.data)]));
"""


def test_an_event_source_is_told_all_once_and_stops_by_itself(service: Up, tab: Tab) -> None:
    sent = httpx.post(f"{service.url}/v1/create-moment", files={"file": HUM.read_bytes()}, timeout=30)
    tab.visit(f"{service.url}/")
    tab.value(FOLLOW.replace("ID", sent.json()["job_id"]))
    tab.await_that("source.readyState === EventSource.CLOSED")  # it connects again after the end, and is answered 204
    told = tab.value("told")
    assert told[-1][1]["status"] == "COMPLETED"
    assert len({event_id for event_id, _ in told}) == len(told)
    assert {"vocals", "instrumental", "final"} < {data["name"] for _, data in told if "name" in data}
    assert tab.value(f"fetch('{told[-2][1]['url']}', {{method: 'HEAD'}}).then(answer => answer.ok)")
    assert tab.complaints == []


def test_the_documentation_shows_every_operation_and_tries_one(service: Up, tab: Tab) -> None:
    styles = "document.querySelector('#operations-blueprints-listStyles')"
    tab.visit(f"{service.url}/docs")
    tab.await_that("document.querySelectorAll('.opblock').length >= 8")
    assert tab.value("getComputedStyle(document.querySelector('.opblock')).borderRadius") != "0px"
    tab.value(f"{styles}.querySelector('.opblock-summary-control').click()")
    # Swagger UI hangs on a click before it has resolved the operation's references, which takes some milliseconds.
    tab.await_that(f"{styles}.innerText.includes('tempo_range')")
    tab.value(f"{styles}.querySelector('.execute').click()")
    tab.await_that(f"{styles}.innerText.includes('\"synthwave\"')")
    assert "x-request-id" in tab.value(f"{styles}.innerText")
    assert tab.complaints == []


def test_the_error_of_a_problem_is_shown(service: Up, tab: Tab) -> None:
    tab.visit(f"{service.url}/docs/errors#not_audio")
    assert tab.value("getComputedStyle(document.querySelector('tr:target')).outlineStyle") == "solid"
    assert "no supported audio format" in tab.value("document.querySelector('tr:target').textContent")
    assert tab.complaints == []


def test_the_policy_stops_what_is_added_to_the_page(service: Up, tab: Tab) -> None:
    tab.visit(f"{service.url}/")
    tab.value(
        "{const script = document.createElement('script'); script.textContent = 'window.stolen = 1';"
        "document.body.append(script); document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=stolen=1>')}"
    )
    assert tab.value("window.stolen === undefined")
    assert any("Content Security Policy" in complaint for complaint in tab.complaints)
    asked = tab.value(f"fetch('http://127.0.0.1:{free_port()}/').then(() => 'reached', error => error.name)")
    assert asked == "TypeError"


def test_a_foreign_page_sends_no_form(service: Up, tab: Tab) -> None:
    """A form needs nobody's permission: the page of another site cancels no job."""
    with other_site(f"<form method=post action='{service.url}/v1/jobs/{uuid4()}/cancel'><input name=a></form>") as url:
        tab.visit(url)
        tab.value("document.forms[0].submit()")
        tab.await_that(f"location.href.startsWith('{service.url}') && document.body.textContent.includes('code')")
    assert '"cross_site_request"' in tab.value("document.body.textContent")


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
