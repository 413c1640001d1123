"""The studio page in a real browser, over a running service.

The fixtures of the plugin live as long as the session; these as long as a module: while Playwright runs, its event loop
is that of the thread, so that asynchronous tests of later modules could not run; and the service takes memory.
A module may have a microphone or settings of its own: it overrides the fixture of that name.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, Playwright, expect, sync_playwright

from entrypoints.local.network import free_port
from tests.support.chromium import OPTIONS, microphone_options, require_chromium
from tests.support.complaints import Complaints
from tests.support.hummed_wav import hummed_wav
from tests.support.moments import Finished, finished_moment
from tests.support.up import Up, up

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"device_scale_factor": 2, "is_mobile": True, "has_touch": True}
PATIENCE_MS = 30_000

NewContext = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def chromium() -> str:
    """The path of the browser."""
    return require_chromium()


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """What the service of a module is configured with."""
    return {}


@pytest.fixture(scope="module")
def service(chromium: str, settings: dict[str, str]) -> Iterator[Up]:
    """A service with a data directory of its own; it is not started where there is no browser."""
    with (
        tempfile.TemporaryDirectory(prefix="moment-browser-") as folder,
        up(Path(folder) / "data", free_port(), **settings) as running,
    ):
        running.await_ready()
        yield running


@pytest.fixture(scope="module")
def studio(service: Up) -> str:
    """The origin of the page, at localhost: browsers give it the microphone without TLS."""
    return service.url.replace("127.0.0.1", "localhost")


@pytest.fixture(scope="module")
def finished(service: Up) -> Finished:
    """A finished moment of the example hum, with a shared link."""
    return finished_moment(service)


@pytest.fixture(scope="module")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the microphone hears, once, from when it is opened: the example hum, 16.8 s."""
    return hummed_wav(tmp_path_factory.mktemp("microphone"))


@pytest.fixture(scope="module")
def playwright(chromium: str) -> Iterator[Playwright]:
    with sync_playwright() as running:
        expect.set_options(timeout=PATIENCE_MS)
        yield running


@pytest.fixture(scope="module")
def browser_type(playwright: Playwright) -> BrowserType:
    return playwright.chromium


@pytest.fixture(scope="module")
def browser(browser_type: BrowserType, chromium: str, microphone: Path) -> Iterator[Browser]:
    options = [*OPTIONS, *microphone_options(microphone)]
    opened = browser_type.launch(executable_path=chromium, args=options)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def browser_context_args(studio: str) -> dict[str, Any]:
    """A desktop whose user has granted the microphone; `context.clear_permissions()` denies it."""
    return {"base_url": studio, "viewport": DESKTOP, "permissions": ["microphone"], "locale": "en-GB"}


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """What the pages of the test complain about, which fails it at its end."""
    noted = Complaints()
    yield noted
    assert noted.unexpected == []


@pytest.fixture
def context(new_context: NewContext, complaints: Complaints) -> BrowserContext:
    opened = new_context()
    complaints.listen(opened)
    return opened


@pytest.fixture
def phone(browser: Browser, browser_context_args: dict[str, Any], complaints: Complaints) -> Iterator[Page]:
    """A page on a phone of today."""
    yield from _phone(browser, browser_context_args, complaints, 390, 844)


@pytest.fixture
def small_phone(browser: Browser, browser_context_args: dict[str, Any], complaints: Complaints) -> Iterator[Page]:
    """A page on the narrowest screen that WCAG asks for (1.4.10)."""
    yield from _phone(browser, browser_context_args, complaints, 320, 640)


def _phone(
    browser: Browser, options: dict[str, Any], complaints: Complaints, width: int, height: int
) -> Iterator[Page]:
    opened = browser.new_context(**options | PHONE | {"viewport": {"width": width, "height": height}})
    complaints.listen(opened)
    yield opened.new_page()
    opened.close()
