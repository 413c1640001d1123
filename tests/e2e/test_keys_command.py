"""`moment keys` over a real database, as operators use it."""

import json
from pathlib import Path
from typing import Any

import anyio
import pytest
from click.testing import Result

from application.access import Caller, KeyInvalid, Limits, Permission
from entrypoints.container import open_container
from entrypoints.settings import parse
from tests.support.commands import Moment, environment_of, moment_in


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return environment_of(database_url, tmp_path)


@pytest.fixture
def moment(environment: dict[str, str]) -> Moment:
    return moment_in("keys", environment)


def caller(environment: dict[str, str], token: str) -> Caller:
    """Return whom a process that has just started takes for the sender of a key."""

    async def ask() -> Caller:
        async with open_container(parse(environment)) as container:
            return await container.keyring()(token)

    return anyio.run(ask)


def test_a_key_is_shown_once_works_and_is_revoked(moment: Moment, environment: dict[str, str]) -> None:
    options = ["--may-hurry", "--waiting", 5, "--moments-per-month", 100, "--seconds-per-month", 3600]
    created = moment("create", "--owner", "acme", "--name", "website", "--scope", "read", *options)
    token = created.stdout.strip()
    assert "not shown again" in created.stderr
    found = caller(environment, token)
    assert (found.owner, found.permissions, found.may_hurry) == ("acme", frozenset({Permission.READ}), True)
    assert found.limits == Limits(waiting=5, moments=100, seconds=3600)
    listed = moment("list").output
    assert token not in listed
    assert all(word in listed for word in (token[:15], "acme", "website", "read,hurry", "moments 100", "in force"))
    assert f"{token[:15]}_…" in listed
    assert moment("revoke", f"{token[:15]}_…").output == f"{token[:15]}  revoked\n"
    assert "revoked" in moment("list").output
    with pytest.raises(KeyInvalid):
        caller(environment, token)


def test_programs_read_json_without_the_hash(moment: Moment) -> None:
    created = printed(moment("create", "--owner", "acme", "--json"))
    (listed,) = printed(moment("list", "--json", "--owner", "acme"))
    assert created.pop("key").startswith(listed["prefix"])
    assert created == {**listed, "last_used_at": None}
    assert (listed["permissions"], "digest" in listed) == (["create", "read"], False)
    assert printed(moment("list", "--json", "--owner", "other")) == []
    assert "revoked" in moment("revoke", listed["id"]).output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["create"], "--owner"),
        (["create", "--owner", "  "], "must not be empty"),
        (["create", "--owner", "a\nb"], "printable"),
        (["create", "--owner", "a" * 65], "at most 64"),
        (["create", "--owner", "a", "--scope", "root"], "'root' is not one of"),
        (["create", "--owner", "a", "--waiting", "-1"], "-1"),
        (["revoke", "moment_nobody"], "there is no key moment_nobody"),
    ],
)
def test_what_makes_no_sense_is_refused(moment: Moment, arguments: list[str], words: str) -> None:
    result = moment(*arguments)
    assert result.exit_code in {1, 2}
    assert words in result.output


def printed(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)
