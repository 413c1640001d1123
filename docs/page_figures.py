"""Measure what opening the page costs, and take its picture; `make page-figures` runs this, about two minutes.

Prints the table of docs/studio.md, and writes docs/images/page.png: the page with a real moment. It needs Chromium.
"""

import shutil
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, Final

from playwright.sync_api import Browser, expect, sync_playwright

from entrypoints.local.network import free_port
from tests.support.chromium import NAMES, OPTIONS
from tests.support.moments import finished_moment
from tests.support.page_load import Load, load
from tests.support.up import up

PICTURE: Final = Path(__file__).with_name("images") / "page.png"
PHONE: Final[dict[str, Any]] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
TRIALS: Final = 3
READY: Final = ".player .slider:not([aria-valuemax='0.0'])"


def main() -> None:
    """Measure, print, and save the picture."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise SystemExit("no Chromium is installed (Debian: apt-get install chromium)")
    with (
        tempfile.TemporaryDirectory(prefix="moment-figures-") as folder,
        up(Path(folder) / "data", free_port()) as service,
        sync_playwright() as playwright,
    ):
        service.await_ready()
        browser = playwright.chromium.launch(executable_path=path, args=[*OPTIONS])
        moment = f"{service.url}/#/moments/{finished_moment(service).id}"
        print(f"Chromium {browser.version}\n")  # noqa: T201 - a script prints
        print("| view | requests | kB over the wire | first paint, throttled phone |\n|---|---|---|---|")  # noqa: T201
        for name, url in (("first", f"{service.url}/"), ("a finished moment", moment)):
            print(row(name, [measured(browser, url) for _ in range(TRIALS)]))  # noqa: T201
        take_picture(browser, moment)
        browser.close()


def measured(browser: Browser, url: str) -> Load:
    """Open the page on a throttled phone with an empty cache."""
    context = browser.new_context(**PHONE)
    try:
        return load(context.new_page(), url, throttled=True)
    finally:
        context.close()


def row(name: str, loads: list[Load]) -> str:
    """Return a line of the table: medians."""
    requests = median(len(found.sizes) for found in loads)
    weight = median(sum(found.sizes.values()) for found in loads) / 1000
    paint = median(found.paint_ms for found in loads) / 1000
    return f"| {name} | {requests:.0f} | {weight:.0f} | {paint:.2f} s |"


def take_picture(browser: Browser, url: str) -> None:
    """Save how the page looks with a finished moment."""
    page = browser.new_page(viewport={"width": 1000, "height": 1100}, color_scheme="light")
    page.goto(url)
    expect(page.locator(READY)).to_be_visible(timeout=60_000)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()
