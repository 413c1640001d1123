"""What tests of the page ask of every view."""

from pathlib import Path
from typing import Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SCREENSHOTS: Final = Path(__file__).parents[2] / "build" / "screenshots"


def axe(page: Page, within: str | None = None) -> None:
    """Assert that axe finds nothing that keeps people out (WCAG 2.2 A and AA, and its own best practices).

    Args:
        page: As it is now.
        within: A selector; only what it selects is looked at.
    """
    found = Axe().run(page, context=within).response["violations"]
    assert not found, "\n".join(map(_violation, found))


def _violation(found: dict[str, object]) -> str:
    nodes = found["nodes"]
    assert isinstance(nodes, list)
    places = "".join(f"\n  {', '.join(map(str, node['target']))}: {node['failureSummary']}" for node in nodes)
    return f"{found['id']} ({found['impact']}): {found['help']}{places}"


def screenshot(page: Page, name: str) -> Path:
    """Save how the whole page looks as build/screenshots/{name}.png; return the file."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
    return SCREENSHOTS / f"{name}.png"


def wide(page: Page) -> list[str]:
    """Return what sticks out of the page to the right, so that it has to be scrolled sideways."""
    # innerWidth would not do: a phone zooms out until all fits.
    script = """() => { const { scrollWidth, clientWidth } = document.documentElement;
        return scrollWidth <= clientWidth ? [] : [...document.querySelectorAll('body *')]
        .filter(e => e.getBoundingClientRect().right > clientWidth + 0.5).map(e => e.outerHTML.slice(0, 80)) }"""
    found: list[str] = page.evaluate(script)
    return found
