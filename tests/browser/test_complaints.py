"""What goes wrong on a page without being seen fails the tests of it."""

import pytest
from playwright.sync_api import Page

from tests.support.complaints import Complaints
from tests.support.studio_page import axe, wide

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("setTimeout(() => { throw new Error('oops') })", "uncaught: .*oops"),
        ("Promise.reject(new Error('left alone'))", "uncaught: .*left alone"),
        ("console.error('broken')", "error: broken"),
        ("fetch('/v1/jobs/no-such-job')", "error: .*404.*/v1/jobs/no-such-job"),
        ("document.body.insertAdjacentHTML('beforeend', '<p style=color:red>')", "Content Security Policy"),
    ],
)
def test_it_is_noted(page: Page, complaints: Complaints, script: str, complaint: str) -> None:
    page.goto("/")
    with page.expect_event("console" if "uncaught" not in complaint else "pageerror"):
        page.evaluate(f"() => {{ {script} }}")
    assert len(complaints.unexpected) == 1
    complaints.allow(complaint)
    assert complaints.unexpected == []


def test_a_request_that_nobody_answers_is_noted(page: Page, complaints: Complaints) -> None:
    page.route("**/v1/styles", lambda route: route.abort("connectionreset"))
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert any("ERR_CONNECTION_RESET" in made for made in complaints.unexpected)
    complaints.allow("ERR_CONNECTION_RESET")


def test_axe_names_what_it_found_and_where(page: Page) -> None:
    page.goto("/")
    page.evaluate("() => document.querySelector('main, body').append(document.createElement('button'))")
    with pytest.raises(AssertionError, match=r"button-name \(critical\).*\n.*button"):
        axe(page)


def test_what_sticks_out_is_found(small_phone: Page) -> None:
    small_phone.goto("/")
    small_phone.evaluate(
        "() => { const bar = document.createElement('hr'); bar.style.width = '400px'; document.body.append(bar) }"
    )
    assert any(found.startswith("<hr") for found in wide(small_phone))
