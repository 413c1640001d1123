"""How many requests a client may send in a minute."""

from typing import Any

import pytest

from application.access import Caller
from entrypoints.api import rate_limits
from entrypoints.api.rate_limits import RateLimit, RateLimits

pytestmark = pytest.mark.anyio

Message = dict[str, Any]


class AClock:
    """A clock that tests turn on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_quota_may_be_used_at_once_and_comes_back_by_and_by() -> None:
    clock = AClock()
    limit = RateLimit("changes", 6, clock)
    assert [limit.take("a").left for _ in range(6)] == [5, 4, 3, 2, 1, 0]
    assert limit.take("a").retry_after == 10
    assert limit.take("b").left == 5
    clock.now += 9
    assert limit.take("a").retry_after == 1
    clock.now += 1
    assert limit.take("a").retry_after == 0
    assert limit.take("a").retry_after == 10  # what was refused did not count
    clock.now += 60
    assert limit.take("a").left == 5


@pytest.mark.parametrize("quota", [1, 7, 600, 3000])
def test_whatever_the_quota_all_of_it_may_be_used_and_no_more(quota: int) -> None:
    clock = AClock()
    limit = RateLimit("reads", quota, clock)
    let_in = 0
    for _ in range(60_000):  # every tenth of a second for ten minutes, several at once
        let_in += limit.take("a").retry_after == 0
        clock.now += 0.01
    assert quota * 10 <= let_in <= quota * 11


def test_as_many_clients_are_remembered_as_there_is_memory_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "REMEMBERED", 100)
    limit = RateLimit("reads", 2, AClock())
    for number in range(10_000):
        limit.take(f"2001:db8:0:{number:x}::/64")
    assert limit.remembered <= 100
    assert [limit.take("2001:db8:0:270f::/64").left for _ in range(2)] == [0, 0]


async def answered(limits: RateLimits, method: str, path: str, client: str = "a") -> tuple[int, dict[str, str]]:
    """Send a request; return the status and the headers."""
    sent: list[Message] = []

    async def app(_scope: object, _receive: object, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Any = {"type": "http", "method": method, "path": path, "state": {"caller": Caller(client=client)}}
    await limits.around(app)(scope, app, send)  # type: ignore[arg-type] # nothing is received
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers


async def test_reads_and_changes_have_quotas_of_their_own_and_say_so() -> None:
    limits = RateLimits(reads=3, changes=1)
    status, headers = await answered(limits, "POST", "/v1/create-moment")
    assert (status, headers) == (200, {"ratelimit-policy": '"changes";q=1;w=60', "ratelimit": '"changes";r=0;t=60'})
    status, headers = await answered(limits, "POST", "/v1/create-moment")
    assert (status, headers["ratelimit"], headers["retry-after"]) == (429, '"changes";r=0;t=60', "60")
    status, headers = await answered(limits, "GET", "/v1/status/1")
    assert (status, headers["ratelimit"]) == (200, '"reads";r=2;t=20')


@pytest.mark.parametrize(
    ("path", "client"), [("/healthz", "a"), ("/readyz", "a"), ("/v1/objects/1/original", "a"), ("/v1/status/1", "")]
)
async def test_health_and_signed_urls_and_clients_that_nobody_knows_have_no_limit(path: str, client: str) -> None:
    limits = RateLimits(reads=1, changes=1)
    assert [await answered(limits, "GET", path, client) for _ in range(9)] == [(200, {})] * 9


async def test_links_to_music_are_reads_of_an_address() -> None:
    limits = RateLimits(reads=2, changes=1)
    paths = ("/m/a", "/m/b/audio", "/m/c", "/m/c/audio")
    assert [(await answered(limits, "GET", path))[0] for path in paths] == [200, 200, 429, 429]
    assert (await answered(limits, "GET", "/m/c", client="b"))[0] == 200


async def test_without_a_quota_there_is_no_limit() -> None:
    limits = RateLimits(reads=0, changes=0)
    assert [await answered(limits, "POST", "/v1/create-moment") for _ in range(9)] == [(200, {})] * 9
