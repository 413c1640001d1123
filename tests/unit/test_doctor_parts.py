"""What the doctor makes of numbers, listings and words."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import certifi
import httpx
import pytest

from adapters.mcp.negotiation import read_tools
from adapters.postgres.inspection import ConnectionCount
from adapters.toolkit.certificates import authorities_in_force
from adapters.toolkit.proxies import proxies_in_force
from application.ports.webhooks import DeliveryCounts
from entrypoints.doctor.clocks import Stopwatch, date_of, skew_result, url_limit
from entrypoints.doctor.connections import connections_result
from entrypoints.doctor.environment import check_environment
from entrypoints.doctor.machine import check_soundfont, space_result
from entrypoints.doctor.redaction import redactor
from entrypoints.doctor.rendering import as_lines, has_passed
from entrypoints.doctor.report import Finding, Report, Verdict
from entrypoints.doctor.service import _readiness, is_local
from entrypoints.doctor.tools import EXPECTED_TOOLS, check_names, check_schemas
from entrypoints.doctor.webhooks import judge as judge_webhooks
from entrypoints.settings import Settings
from tests.support.soundfonts import write_soundfont


@pytest.mark.parametrize(
    ("name", "value", "said", "told"),
    [
        ("MCP_AUTH_TOKEN", "t0ps3cret", "Bearer t0ps3cret was refused", "Bearer *** was refused"),
        ("DO_SPACES_SECRET", "a/b+c=1234", "a/b+c=1234, a%2Fb%2Bc%3D1234", "***, ***"),
        ("DATABASE_URL", "postgresql://me:p%40ss-word@db/x", "p%40ss-word is p@ss-word", "*** is ***"),
        ("DATABASE_URL", "postgresql://me:[hush-hush]@db/x", "no user me:[hush-hush]", "no user me:***"),
        ("DATABASE_URL", "postgresql://db/x?sslpassword=hush-hush", "bad key hush-hush", "bad key ***"),
        ("CELERY_BROKER_URL", "redis://:hush-hush@redis/0", "redis://:hush-hush@redis", "redis://:***@redis"),
        ("DO_SPACES_KEY", "k", "k is the key of the bucket", "*** is the key of the bucket"),
        ("DO_SPACES_BUCKET", "moments", "no bucket moments", "no bucket moments"),
        ("HOME", "/root", "GET https://s3/a?X-Amz-Signature=0123 failed", "GET https://s3/a?*** failed"),
    ],
)
def test_secrets_are_hidden_and_nothing_else(name: str, value: str, said: str, told: str, tmp_path: Path) -> None:
    assert redactor({name: value}, tmp_path)(said) == told
    (tmp_path / ".env").write_text(f"{name}={value}\n")
    assert redactor({}, tmp_path)(said) == told


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("proxy", "seen"),
    [
        ({}, "uses SSL_CERT_FILE; no configured service is reached through a proxy"),
        ({"HTTPS_PROXY": "http://proxy.test:3128"}, "uses HTTPS_PROXY, SSL_CERT_FILE; through a proxy: MCP_BASE_URL"),
    ],
)
async def test_what_connections_use_is_told(
    proxy: dict[str, str], seen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*proxies_in_force(), *authorities_in_force()):
        monkeypatch.delenv(name)
    for name, value in {"SSL_CERT_FILE": certifi.where(), **proxy}.items():
        monkeypatch.setenv(name, value)
    report = Report(redactor({}, tmp_path), 5.0)
    await check_environment(Settings(mcp_url="https://tools.invalid"), report)
    assert [finding.seen for finding in report.findings] == [seen]


@pytest.mark.anyio
async def test_a_soundfont_is_checked_where_one_is_named(tmp_path: Path) -> None:
    async def seen(path: Path | None) -> list[Finding]:
        report = Report(redactor({}, tmp_path), 5.0)
        await check_soundfont(Settings(soundfont=path), report)
        return report.findings

    assert await seen(None) == []
    (good,) = await seen(write_soundfont(tmp_path / "set"))
    (bad,) = await seen(tmp_path / "nothing")
    assert (good.verdict, bad.verdict) == (Verdict.OK, Verdict.FAIL)
    assert "SHA-256" in good.seen
    assert "cannot be read" in bad.seen
    assert "MOMENT_SOUNDFONT" in bad.fix


def test_a_secret_that_is_part_of_another_leaves_no_rest(tmp_path: Path) -> None:
    redact = redactor({"A_TOKEN": "open sesame", "B_TOKEN": "open sesame seed"}, tmp_path)
    assert redact("open sesame seed, open sesame") == "***, ***"


@pytest.mark.parametrize(("seconds", "verdict"), [(0, "ok"), (-15, "ok"), (16, "warn"), (-899, "warn"), (900, "fail")])
def test_a_clock_is_judged_by_what_suffers(seconds: float, verdict: str) -> None:
    limits = {"warn": timedelta(seconds=15), "fail": timedelta(seconds=900)}
    assert skew_result(timedelta(seconds=seconds), **limits, why="leases").verdict == verdict


def test_signed_urls_bear_half_their_life_and_a_quarter_of_an_hour_at_most() -> None:
    assert (url_limit(3600), url_limit(60)) == (timedelta(minutes=15), timedelta(seconds=30))


def test_who_is_ahead_is_told_by_the_sign() -> None:
    watch = Stopwatch()
    assert watch.skew(datetime.now(UTC) - timedelta(hours=1)) == pytest.approx(timedelta(hours=1), abs=SECOND)
    assert watch.skew(datetime.now(UTC) + timedelta(hours=1)) == pytest.approx(-timedelta(hours=1), abs=SECOND)


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("document", "verdict", "seen"),
    [
        ({"status": "ok", "parts": {"database": "ok", "storage": "ok"}}, "ok", "ready at http://api"),
        (
            {"status": "degraded", "parts": {"database": "ok", "storage": "storage_denied"}},
            "warn",
            "http://api is degraded, storage: storage_denied",
        ),
        ({"status": "stopping", "parts": {}}, "warn", "http://api is stopping"),
        ({"detail": "no"}, "warn", "something else responds at http://api, with status 200"),
    ],
)
def test_readiness_is_told_with_what_fails(document: dict[str, Any], verdict: str, seen: str) -> None:
    found = _readiness("http://api", httpx.Response(200, json=document))
    assert (found.verdict, found.what) == (verdict, seen)


def test_dates_have_no_fractions_and_may_be_missing() -> None:
    assert date_of("Tue, 15 Nov 1994 08:12:31 GMT") == datetime(1994, 11, 15, 8, 12, 31, 500_000, UTC)
    assert [date_of(text) for text in ("", "yesterday")] == [None, None]


@pytest.mark.parametrize(("free", "verdict"), [(100, "fail"), (10**9, "warn"), (10**10, "ok")])
def test_a_disk_needs_room(free: int, verdict: str) -> None:
    assert space_result("here", free, largest=200).verdict == verdict


def test_tools_and_arguments_that_a_moment_does_without_are_a_warning() -> None:
    every = {name: use.required | use.optional for name, use in EXPECTED_TOOLS.items()}
    assert verdicts(every) == ("ok", "ok")
    assert verdicts(every | {"analyze_hum": {"audio_url"}}) == ("ok", "warn")
    assert verdicts(every | {"analyze_hum": {"hints"}}) == ("ok", "fail")
    assert verdicts({name: every[name] for name in every if name != "analyze_hum"}) == ("warn", "ok")
    assert verdicts({name: every[name] for name in every if name != "create_song"}) == ("fail", "ok")


def test_our_own_server_has_to_have_every_tool() -> None:
    tools = read_tools([{"name": name} for name in EXPECTED_TOOLS if name != "analyze_hum"])
    assert [str(check_names(tools, ours=ours).verdict) for ours in (False, True)] == ["warn", "fail"]


def test_a_schema_that_names_nothing_is_taken_at_its_word() -> None:
    assert (
        check_schemas(
            read_tools([{"name": name, "inputSchema": {"type": "object"}} for name in EXPECTED_TOOLS])
        ).verdict
        == "ok"
    )


def schema(declared: Collection[str]) -> dict[str, object]:
    return {"properties": {argument: {} for argument in declared}}


def verdicts(listing: Mapping[str, Collection[str]]) -> tuple[str, str]:
    tools = read_tools([{"name": name, "inputSchema": schema(declared)} for name, declared in listing.items()])
    return str(check_names(tools).verdict), str(check_schemas(tools).verdict)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:8000", True),
        ("http://localhost", True),
        ("https://moments.example", False),
        ("http://10.0.0.7", False),
    ],
)
def test_which_urls_lead_home(url: str, local: bool) -> None:
    assert is_local(url) is local


def test_warnings_do_not_fail_and_are_counted() -> None:
    warned = [Finding("api", Verdict.WARN, "silent", "start it"), Finding("bucket", Verdict.NOT_CONFIGURED, "-", "")]
    assert has_passed(warned)
    assert list(as_lines(warned))[1].endswith("→ start it")
    assert list(as_lines(warned))[-1] == "0 failed, 1 with warnings"
    assert list(as_lines(warned[1:]))[-1] == "no problems found"
    assert not has_passed([*warned, Finding("database", Verdict.FAIL, "gone", "start it")])


@pytest.mark.parametrize(
    ("count", "size", "verdict", "seen", "fix"),
    [
        (ConnectionCount(granted=22, others=1, apis=2, workers=3), 2, Verdict.OK, "18 for 2 apis and 3 workers", ""),
        (ConnectionCount(granted=22, others=0, apis=0, workers=0), 2, Verdict.OK, "7 for 1 api and 1 worker", ""),
        (ConnectionCount(granted=18, others=0, apis=2, workers=3), 2, Verdict.OK, "up to 3, a worker up to 4: 18", ""),
        (ConnectionCount(granted=22, others=0, apis=2, workers=3), 4, Verdict.WARN, "28 for", "CONNECTIONS=2"),
        (
            ConnectionCount(granted=16, others=1, apis=2, workers=3),
            2,
            Verdict.WARN,
            "1 held by others",
            "CONNECTIONS=1",
        ),
        (ConnectionCount(granted=10, others=0, apis=2, workers=3), 2, Verdict.WARN, "10 granted", "fewer processes"),
    ],
)
def test_a_fleet_fits_into_the_server_or_not(
    count: ConnectionCount, size: int, verdict: Verdict, seen: str, fix: str
) -> None:
    found = connections_result(count, size)
    assert found.verdict is verdict
    assert seen in found.what
    assert fix in found.fix


@pytest.mark.parametrize(
    ("counts", "verdict", "seen"),
    [
        (DeliveryCounts(0, timedelta(0), ()), "ok", "none waiting"),
        (DeliveryCounts(7, timedelta(minutes=1), ()), "ok", "7 waiting"),
        (DeliveryCounts(7, timedelta(minutes=9), ()), "warn", "7 waiting, for 9 min"),
        (DeliveryCounts(0, timedelta(0), ("https://a/b?token=t",)), "warn", "none waiting; disabled: https://a/b"),
        (DeliveryCounts(7, timedelta(0), (), 3, timedelta(minutes=4)), "ok", "7 waiting"),
        (
            DeliveryCounts(7, timedelta(0), (), 3, timedelta(minutes=9)),
            "warn",
            "7 waiting; 3 failed and to be tried again, the oldest for 9 min",
        ),
    ],
)
def test_webhooks_that_do_not_arrive_are_told(counts: DeliveryCounts, verdict: str, seen: str) -> None:
    result = judge_webhooks(counts)
    assert (result.verdict, result.what) == (verdict, seen)
