"""Keys of the API: what is stored of them. Over memory and over Postgres."""

from uuid import uuid4

import anyio
import msgspec
import pytest

from adapters.postgres.api_keys import PostgresApiKeys
from application.access import KeyId, KeyInvalid, Limits, Permission
from application.keys.keyring import Keyring
from application.keys.tokens import new_token
from application.ports.api_keys import ApiKey, KeyNotFound
from application.ports.jobs import JobNotFound
from domain.jobs.job import JobId
from tests.support.jobs import NOW, a_job, an_owned_job
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio

LIMITS = Limits(waiting=3, moments=100, seconds=7200)


def a_key(owner: str = "acme", prefix: str = "") -> ApiKey:
    return ApiKey(
        id=KeyId(uuid4()),
        prefix=prefix or new_token()[:15],
        digest=b"d" * 32,
        owner=owner,
        name="studio",
        permissions=frozenset({Permission.CREATE, Permission.READ}),
        may_hurry=True,
        limits=LIMITS,
        created_at=NOW,
    )


async def test_a_key_is_found_by_its_beginning_with_everything(bench: Bench) -> None:
    key = a_key()
    await bench.api_keys.add(key)
    assert await bench.api_keys.find(key.prefix, b"x" * 32) == key
    assert await bench.api_keys.find(new_token()[:15], key.digest) is None


async def test_a_use_is_noted_of_whoever_has_the_key_once_a_minute(bench: Bench) -> None:
    key = a_key()
    await bench.api_keys.add(key)
    await bench.api_keys.find(key.prefix, b"x" * 32)
    assert await used(bench) is None
    await bench.api_keys.find(key.prefix, key.digest)
    first = await used(bench)
    await bench.api_keys.find(key.prefix, key.digest)
    assert first is not None
    assert await used(bench) == first
    await bench.pass_time(61)
    await bench.api_keys.find(key.prefix, key.digest)
    assert await used(bench) not in {None, first}


async def used(bench: Bench) -> object:
    (key,) = await bench.api_keys.list_keys("", 10)
    return key.last_used_at


@pytest.mark.parametrize("by", ["prefix", "id"])
async def test_a_revoked_key_is_not_found_and_stays_revoked(bench: Bench, by: str) -> None:
    key = a_key()
    await bench.api_keys.add(key)
    revoked = await bench.api_keys.revoke(str(getattr(key, by)))
    assert revoked == msgspec.structs.replace(key, revoked_at=revoked.revoked_at)
    assert revoked.revoked_at
    assert await bench.api_keys.find(key.prefix, key.digest) is None
    assert await bench.api_keys.revoke(key.prefix) == revoked
    assert await bench.api_keys.list_keys("", 10) == [revoked]


async def test_a_key_that_is_not_there_cannot_be_revoked(bench: Bench) -> None:
    with pytest.raises(KeyNotFound):
        await bench.api_keys.revoke("moment_nobody")


async def test_keys_are_listed_newest_first_of_all_or_of_one_owner(bench: Bench) -> None:
    keys = [
        msgspec.structs.replace(a_key(owner), created_at=NOW.replace(minute=minute))
        for minute, owner in enumerate(["acme", "other", "acme"])
    ]
    for key in keys:
        await bench.api_keys.add(key)
    assert await bench.api_keys.list_keys("", 10) == keys[::-1]
    assert await bench.api_keys.list_keys("acme", 10) == [keys[2], keys[0]]
    assert await bench.api_keys.list_keys("", 1) == keys[2:]


async def test_a_job_has_the_owner_of_its_request(bench: Bench) -> None:
    owned, free = an_owned_job("acme"), a_job(JobId(uuid4()))
    for job in (owned, free):
        await bench.jobs.add(job)
    assert [await bench.jobs.owner(job.id) for job in (owned, free)] == ["acme", ""]
    with pytest.raises(JobNotFound):
        await bench.jobs.owner(JobId(uuid4()))


async def test_lookups_at_the_same_time_share_statements(
    postgres_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    send = PostgresApiKeys._find_all

    async def counted(self: PostgresApiKeys, asked: list[tuple[str, bytes]]) -> list[ApiKey | None]:
        sent.append(len(asked))
        return await send(self, asked)

    monkeypatch.setattr(PostgresApiKeys, "_find_all", counted)
    keyring = Keyring(PostgresApiKeys(postgres_bench.pool))  # type: ignore[attr-defined] # one of Postgres
    refused = 0

    async def guess() -> None:
        nonlocal refused
        with pytest.raises(KeyInvalid):
            await keyring(new_token())
        refused += 1

    async with anyio.create_task_group() as group:
        for _ in range(200):
            group.start_soon(guess)
    assert (refused, sum(sent)) == (200, 200)
    assert len(sent) <= 10
