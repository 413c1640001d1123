"""The first view is light, and nothing but the page and one style sheet stands before its first paint.

Times depend on the machine, so they are not tested: `docs/page_figures.py` measures them. These are what they follow
from, and the same everywhere.
"""

import pytest
from playwright.sync_api import Page

from tests.support.page_load import load

pytestmark = pytest.mark.browser

MOST_BYTES = 150_000
MOST_BEFORE_PAINT = 40_000
"""Bytes: a fifth of a second at 1.6 Mbit/s."""


def test_the_first_view_weighs_at_most_150_kilobytes(phone: Page) -> None:
    sizes = load(phone, "/").sizes
    assert sum(sizes.values()) <= MOST_BYTES, sizes


def test_the_first_paint_waits_for_two_round_trips(phone: Page) -> None:
    found = load(phone, "/")
    assert len(found.blocking) == 1, found.blocking
    assert sum(found.sizes[url] for url in [phone.url, *found.blocking]) <= MOST_BEFORE_PAINT, found.sizes


def test_no_module_is_found_out_about_late(phone: Page) -> None:
    found = load(phone, "/")
    assert found.scripts
    assert set(found.scripts) <= set(found.foretold)


def test_nothing_comes_from_elsewhere_and_no_cookie_is_set(phone: Page, studio: str) -> None:
    sizes = load(phone, "/").sizes
    assert [url for url in sizes if not url.startswith((f"{studio}/", "data:"))] == []
    assert phone.context.cookies() == []
