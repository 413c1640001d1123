"""While a service is updated, two versions of it answer in turn, and then the former one is gone: its pages work on."""

import re
import signal
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from anyio.from_thread import start_blocking_portal
from playwright.sync_api import Page, expect

from entrypoints.web.assets import digest_of_all
from tests.browser.conftest import NewContext
from tests.support.complaints import Complaints
from tests.support.load_balancer import LoadBalancer, balancing
from tests.support.moments import Finished
from tests.support.other_version import api_of_another_version
from tests.support.processes import Process
from tests.support.up import Up, await_that

pytestmark = pytest.mark.browser

LOADS = 12
"""Chances to see the pages of both versions; which of them answers depends on how many requests came before."""


class Fleet(NamedTuple):
    """Two apis behind a load balancer, which asks them in turn; the former of them is of another version."""

    former: Process
    balancer: LoadBalancer
    url: str


@pytest.fixture
def fleet(service: Up, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with (
        api_of_another_version(service, tmp_path_factory.mktemp("version")) as (former, former_url),
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(balancing([service.url, former_url])) as (balancer, url),
    ):
        await_that(lambda: len(balancer.ready) == 2)
        yield Fleet(former, balancer, url)


def test_pages_of_both_versions_work_while_two_answer_in_turn(
    fleet: Fleet, finished: Finished, new_context: NewContext, complaints: Complaints
) -> None:
    seen = set()
    for load in range(LOADS):
        context = new_context()  # nothing is cached
        complaints.listen(context)
        page = context.new_page()
        page.goto(f"{fleet.url}/#/moments/{finished.id}")
        expect(page.get_by_role("button", name="Mixer")).to_be_visible()
        page.goto(f"{fleet.url}/#/")
        expect(page.get_by_role("button", name="No tune? Take ours")).to_be_visible()
        seen.add(version_of(page))
        if len(seen) == 2:
            break
        for _ in range(load % 2):
            page.request.get(f"{fleet.url}/healthz")
        context.close()
    assert len(seen) == 2
    assert fleet.balancer.failures == []


def test_a_page_of_the_former_version_goes_on_after_the_update(fleet: Fleet, page: Page) -> None:
    for _ in range(LOADS):
        page.goto(f"{fleet.url}/")
        if version_of(page) != digest_of_all():
            break
        page.request.get(f"{fleet.url}/healthz")
    assert version_of(page) != digest_of_all()
    page.wait_for_load_state("networkidle")
    fleet.former.send(signal.SIGTERM)
    await_that(lambda: not fleet.former.alive and len(fleet.balancer.ready) == 1)
    page.get_by_role("link", name="My moments").click()
    expect(page.get_by_role("heading", level=1, name="My moments")).to_be_visible()
    assert version_of(page) != digest_of_all()


def version_of(page: Page) -> str:
    """Return the digest of the files that a page has asked for."""
    source = page.locator("script[type=module]").get_attribute("src")
    found = re.search("/assets/([0-9a-f]+)/", source or "")
    assert found
    return found[1]
