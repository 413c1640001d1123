"""`moment webhooks` over a real database, as operators use it."""

import json
from pathlib import Path
from uuid import uuid4

import anyio
import pytest

from adapters.http.webhook_signing import check_secret
from application.moments.webhooks import WebhooksNotConfigured
from domain.webhooks.events import ENDINGS, WebhookEvent
from entrypoints.container import open_container
from entrypoints.settings import parse
from tests.support.commands import Moment, environment_of, moment_in

URL = "https://acme.example/hooks?token=t"


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return environment_of(database_url, tmp_path)


@pytest.fixture
def moment(environment: dict[str, str]) -> Moment:
    return moment_in("webhooks", environment)


def test_an_endpoint_from_its_beginning_to_its_end(moment: Moment) -> None:
    added = moment("add", "acme", URL)
    (line, secret) = added.stdout.splitlines()
    endpoint_id = line.split()[0]
    check_secret(secret)
    assert "not shown again" in added.stderr
    assert "whsec_" not in moment("add", "acme", URL, "--event", "moment.failed", "--full").stdout
    (shown,) = json.loads(moment("list", "--json").stdout)
    assert (shown["id"], shown["owner"], shown["url"], shown["full"]) == (endpoint_id, "acme", URL, True)
    assert shown["events"] == ["moment.failed"]
    assert "whsec_" not in moment("list").stdout
    assert moment("list", "--owner", "other", "--json").stdout.strip() == "[]"
    assert moment("enable", endpoint_id).stdout == f"{endpoint_id}  enabled\n"
    assert moment("remove", endpoint_id).stdout == f"{endpoint_id}  removed\n"
    assert json.loads(moment("list", "--json").stdout) == []


def test_the_endings_are_told_unless_others_are_named(moment: Moment) -> None:
    assert moment("add", "acme", URL).exit_code == 0
    (shown,) = json.loads(moment("list", "--json").stdout)
    assert [WebhookEvent(event) for event in shown["events"]] == list(ENDINGS)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["add", "acme", "http://acme.example/hooks"], "must be an https URL"),
        (["add", "acme", "https://10.0.0.1/hooks"], "not public"),
        (["add", " ", URL], "must not be empty"),
        (["remove", uuid4()], "there is no endpoint"),
        (["enable", uuid4()], "there is no endpoint"),
    ],
)
def test_what_cannot_be_done_is_said(moment: Moment, arguments: list[object], problem: str) -> None:
    refused = moment(*arguments)
    assert refused.exit_code != 0
    assert problem in refused.stderr


def test_an_owner_needs_a_secret_to_name_an_endpoint(moment: Moment, environment: dict[str, str]) -> None:
    async def run() -> None:
        async with open_container(parse(environment)) as container:
            await container.webhooks().admit("acme", URL)

    with pytest.raises(WebhooksNotConfigured, match="moment webhooks rotate"):
        anyio.run(run)
    secret = moment("rotate", "acme").stdout.strip()
    check_secret(secret)
    anyio.run(run)
    assert moment("rotate", "acme", "--overlap", 0).stdout.strip() != secret
