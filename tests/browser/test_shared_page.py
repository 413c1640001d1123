"""The page of a link to music in a real browser: for everybody, without scripts, in every size and both colours."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.support.complaints import Complaints
from tests.support.moments import Finished
from tests.support.sent_moments import finish, send
from tests.support.studio_page import axe, screenshot, wide
from tests.support.up import Up

pytestmark = pytest.mark.browser

SIZES: dict[str, ViewportSize] = {
    "phone": {"width": 390, "height": 844},
    "small": {"width": 320, "height": 640},
    "desktop": {"width": 1280, "height": 800},
}
PLAYED = "() => document.querySelector('audio').currentTime > 0.2"


@pytest.fixture(scope="module")
def link(finished: Finished) -> str:
    """Give the path of a link to a moment."""
    return f"/m/{finished.token}"


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def page_without_scripts(
    browser: Browser, browser_context_args: dict[str, Any], complaints: Complaints
) -> Iterator[Page]:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    complaints.listen(context)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("size", SIZES)
def test_everybody_can_use_it(page: Page, link: str, complaints: Complaints, size: str, scheme: Any) -> None:
    page.set_viewport_size(SIZES[size])
    page.emulate_media(color_scheme=scheme)
    for path, name in ((link, "shared"), ("/m/none", "shared_gone")):
        page.goto(path)
        screenshot(page, f"{name}_{size}_{scheme}")
        axe(page)
        assert wide(page) == []
    complaints.allow("404.*/m/none")


def test_it_plays_without_scripts(page_without_scripts: Page, link: str) -> None:
    page = page_without_scripts
    page.goto(link)
    with page.expect_response(lambda response: "/v1/objects/shared/" in response.url) as music:
        page.locator("audio").click(position={"x": 30, "y": 28})  # its own button for play
    assert music.value.status in {200, 206}
    assert music.value.headers["content-type"] == "audio/mpeg"


def test_it_plays_and_shows_the_tune(page: Page, link: str) -> None:
    page.goto(link)
    assert page.locator("svg rect").count() > 20
    page.evaluate("document.querySelector('audio').play()")
    page.wait_for_function(PLAYED)


def test_it_has_the_names_of_the_studio(page: Page, service: Up) -> None:
    blueprint = '{"style": "bossa", "key": "Bbm"}'
    job_id = finish(service, send(service, blueprint_json=blueprint))["id"]
    shared = httpx.post(f"{service.url}/v1/jobs/{job_id}/share", timeout=30).raise_for_status().json()
    page.goto(f"/m/{shared['token']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bossa nova theme")
    expect(page.locator("dd").first).to_have_text("Bossa nova")
    expect(page.locator("dd").nth(1)).to_have_text("B♭ minor")


def test_previews_have_a_picture(page: Page, link: str) -> None:
    page.goto(link)
    size = page.evaluate(
        "async url => { const image = await createImageBitmap(await (await fetch(url)).blob());"
        " return [image.width, image.height] }",
        f"{link}/picture.png",
    )
    assert size == [1200, 630]
