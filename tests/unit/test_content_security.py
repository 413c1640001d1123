"""The pages' policies, and who may send what."""

import re

import pytest

from adapters.toolkit.authorities import parse
from entrypoints.allowed_hosts import AllowedHosts
from entrypoints.api.docs_page import docs_page
from entrypoints.api.errors_page import errors_page
from entrypoints.web.content_security import policy_of
from entrypoints.web.page import operators_page, studio_page

HOME = studio_page(1000)
OPERATIONS = operators_page()
_FILE = re.compile(r"<script [^>]*src=[^>]+></script>|<script type=.application/json.*?</script>", re.DOTALL)
"""What runs under `'self'`, and data, which does not run at all."""


@pytest.mark.parametrize("page", [HOME, OPERATIONS, docs_page("http://x"), errors_page()])
def test_all_that_a_page_runs_is_in_blocks_that_have_hashes(page: str) -> None:
    page = _FILE.sub("", page)
    assert page.count("<script") == len(re.findall("<script>.*?</script>", page, re.DOTALL))
    assert page.count("<style") == len(re.findall("<style>.*?</style>", page, re.DOTALL))
    assert re.findall(r"<[^>]+\s(?:on\w+|style)=", re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)) == []


def test_another_script_has_another_policy() -> None:
    policy = policy_of("<script>a()</script>", media=["https://store.example"])
    assert "script-src 'sha256-" in policy
    assert "media-src 'self' blob: https://store.example" in policy
    assert policy != policy_of("<script>b()</script>", media=["https://store.example"])
    assert "unsafe" not in policy


def test_a_page_with_files_takes_them_from_its_own_origin_alone() -> None:
    page = docs_page("http://x")
    policy = policy_of(page, own_files=True)
    assert re.findall(r"(?:src|href)=['\"]?(?!/)", page) == []
    assert "script-src 'self' 'sha256-" in policy
    assert "style-src 'self' 'sha256-" in policy
    assert "unsafe" not in policy
    assert "'self' 'sha256-" not in policy_of(page)


def test_a_page_without_scripts_allows_none() -> None:
    assert "script-src" not in policy_of("<style>b{}</style>")


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("moment.example", True),
        ("MOMENT.example:8000", True),
        ("api:8000", True),
        ("api", False),
        ("public.example", True),
        ("public.example:80", False),
        ("evil.example", False),
        ("moment.example.evil.example", False),
        ("", False),
        ("moment.example, evil.example", False),
    ],
)
def test_only_listed_hosts_and_the_public_one_are_ours(host: str, *, allowed: bool) -> None:
    hosts = AllowedHosts([parse("moment.example"), parse("api:8000")], "https://public.example")
    assert hosts.allow(host) is allowed


def test_without_a_list_every_host_is_ours() -> None:
    assert AllowedHosts([], "http://127.0.0.1:8000").allow("whatever")
