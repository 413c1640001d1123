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


def small_targets(page: Page) -> list[str]:
    """Return what a finger may miss: targets below 44 px, and lines of text with links in them below 24 px."""
    script = """() => {
        const size = e => { const { width, height } = e.getBoundingClientRect(); return Math.min(width, height) };
        const inline = e => getComputedStyle(e).display === 'inline';
        const line = e => parseFloat(getComputedStyle(e).lineHeight);
        const small = e => inline(e) && e.matches('a') ? line(e) < 24 : size(e.closest('label') ?? e) < 44;
        const native = 'a[href], button, input, select, textarea, summary, audio[controls]';
        const targets = `${native}, [role=button], [role=slider]`;
        return [...document.querySelectorAll(targets)].filter(e => e.checkVisibility() && size(e) > 1 && small(e))
            .filter(e => e.getBoundingClientRect().right > 0)
            .map(e => `${size(e).toFixed(1)} px: ${e.outerHTML.slice(0, 100)}`) }"""
    found: list[str] = page.evaluate(script)
    return found
