"""The operator's page of a service that serves nobody without a key."""

import os
import signal

import pytest
from playwright.sync_api import Page, expect

from tests.support.complaints import Complaints
from tests.support.studio_page import axe
from tests.support.up import Up

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"REQUIRE_KEYS": "true"}


@pytest.fixture(scope="module")
def operator_key(service: Up) -> str:
    return new_key(service, "operate")


@pytest.fixture(autouse=True)
def _refusals(complaints: Complaints) -> None:
    complaints.allow("401|403")


def test_without_a_key_there_is_a_form_and_nothing_else(page: Page) -> None:
    page.goto("/ops")
    field = page.get_by_label("Key with the scope operate")
    expect(field).to_be_visible()
    expect(page.get_by_role("link", name="key_missing")).to_be_visible()
    expect(page.get_by_role("list", name="The queue now")).to_be_hidden()
    axe(page)
    field.fill("moment_wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="key_invalid")).to_be_visible()
    assert kept(page) is None


def test_a_key_that_may_not_operate_is_refused_and_not_kept(page: Page, service: Up) -> None:
    page.goto("/ops")
    page.get_by_label("Key with the scope operate").fill(new_key(service, "create"))
    page.get_by_role("button", name="Use this key").click()
    expect(page.get_by_role("link", name="permission_missing")).to_be_visible()
    assert kept(page) is None


def test_a_key_is_kept_until_it_is_forgotten(page: Page, operator_key: str) -> None:
    enter(page, operator_key)
    expect(page.get_by_role("table", name="Workers")).to_be_visible()
    page.reload()
    expect(page.get_by_role("table", name="Workers")).to_be_visible()
    expect(page.get_by_text("Key in this browser:")).to_contain_text("_".join(operator_key.split("_")[:2]))
    assert operator_key not in page.content()
    page.get_by_role("button", name="Forget it").click()
    expect(page.get_by_label("Key with the scope operate")).to_be_visible()
    expect(page.get_by_role("table", name="Workers")).to_have_count(0)
    assert kept(page) is None


def test_a_key_that_is_revoked_shows_nothing_more(page: Page, service: Up) -> None:
    key = new_key(service, "operate")
    enter(page, key)
    expect(page.get_by_role("table", name="Workers")).to_be_visible()
    service.run("keys", "revoke", "_".join(key.split("_")[:2]))
    expect(page.get_by_role("link", name="key_invalid")).to_be_visible()
    expect(page.get_by_role("table", name="Workers")).to_be_hidden()


def test_the_studio_s_key_is_not_the_operator_s(page: Page, service: Up, operator_key: str) -> None:
    page.goto("/")
    page.evaluate("key => localStorage.setItem('moment.key', key)", new_key(service, "create"))
    enter(page, operator_key)
    expect(page.get_by_role("table", name="Workers")).to_be_visible()
    assert page.evaluate("localStorage.getItem('moment.key')") != operator_key


def test_a_service_that_was_away_is_back_by_itself(
    page: Page, service: Up, operator_key: str, complaints: Complaints
) -> None:
    complaints.allow("ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_NETWORK|503")
    enter(page, operator_key)
    expect(page.get_by_role("table", name="Workers")).to_be_visible()
    service.process.send_signal(signal.SIGSTOP)  # it would start the api again before the page reads the next time
    os.kill(service.parts()["api"], signal.SIGKILL)
    expect(page.get_by_text("The service does not answer")).to_be_visible()
    expect(page.get_by_role("table", name="Workers")).to_be_visible()
    service.process.send_signal(signal.SIGCONT)
    expect(page.get_by_text("The service does not answer")).to_be_hidden()
    expect(page.get_by_role("table", name="Workers")).to_be_visible()


def enter(page: Page, key: str) -> None:
    page.goto("/ops")
    page.get_by_label("Key with the scope operate").fill(key)
    page.get_by_role("button", name="Use this key").click()


def kept(page: Page) -> str | None:
    found: str | None = page.evaluate("localStorage.getItem('moment.operator_key')")
    return found


def new_key(service: Up, scope: str) -> str:
    printed = service.run("keys", "create", "--owner", "ops", "--scope", scope)
    return next(word for word in printed.split() if word.startswith("moment_"))
