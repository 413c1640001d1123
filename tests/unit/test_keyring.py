"""Who sends a key: known for some seconds, and never looked up once per request."""

import anyio
import pytest

from application.access import Caller, KeyInvalid, Limits, Permission
from application.keys import recent_answers
from application.keys.create_key import CreateKey, NewKey
from application.keys.job_access import JobAccess
from application.keys.keyring import Keyring
from application.keys.known_keys import KnownKeys
from application.keys.recent_answers import KNOWN_SECONDS
from application.keys.tokens import new_token
from application.ports.jobs import DatabaseUnavailable, JobNotFound
from tests.support.fake_api_keys import InMemoryApiKeys
from tests.support.fake_queue import InMemoryJobs
from tests.support.jobs import NOW, an_owned_job

pytestmark = pytest.mark.anyio

WANTED = NewKey(owner="acme", permissions=frozenset({Permission.READ}), may_hurry=True, limits=Limits(waiting=3))


class Ring:
    """A keyring whose clock stands still."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.keys = InMemoryApiKeys(lambda: NOW)
        self.of = Keyring(self.keys, lambda: self.seconds)

    async def new(self) -> str:
        return (await CreateKey(self.keys, lambda: NOW)(WANTED))[1]

    @property
    def lookups(self) -> int:
        return len(self.keys.faults.calls["find"])


async def test_a_key_says_who_sends_it_and_what_they_may() -> None:
    ring = Ring()
    caller = await ring.of(await ring.new())
    (key,) = ring.keys.rows.values()
    assert caller == Caller("acme", "acme", frozenset({Permission.READ}), True, key.id, Limits(waiting=3))
    assert caller.may(Permission.READ)
    assert not caller.may(Permission.CREATE)


async def test_many_requests_with_a_key_are_one_lookup() -> None:
    ring = Ring()
    token = await ring.new()
    for _ in range(50):
        await ring.of(token)
    assert ring.lookups == 1
    ring.seconds += KNOWN_SECONDS
    await ring.of(token)
    assert ring.lookups == 2


async def test_a_guess_that_is_sent_again_and_again_is_one_lookup() -> None:
    ring = Ring()
    guess = new_token()
    for text in [guess, "secret", "moment_x"] * 50:
        with pytest.raises(KeyInvalid):
            await ring.of(text)
    assert ring.lookups == 1


async def test_the_right_beginning_is_not_enough() -> None:
    ring = Ring()
    token, other = await ring.new(), new_token()
    (key,) = ring.keys.rows.values()
    ring.keys.rows[other[:15]] = key  # as if its first characters were guessed
    assert (await ring.of(token)).owner == "acme"
    with pytest.raises(KeyInvalid):
        await ring.of(other)


async def test_a_revoked_key_is_refused_within_seconds_and_a_new_one_accepted() -> None:
    ring = Ring()
    token = await ring.new()
    await ring.of(token)
    await ring.keys.revoke(token[:15])
    ring.seconds += KNOWN_SECONDS
    with pytest.raises(KeyInvalid):
        await ring.of(token)


async def test_guesses_push_no_good_key_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_answers, "KNOWN_GUESSES", 10)
    ring = Ring()
    token = await ring.new()
    await ring.of(token)
    for _ in range(50):
        with pytest.raises(KeyInvalid):
            await ring.of(new_token())
    await ring.of(token)
    assert ring.lookups == 51
    assert len(ring.of._callers._guesses._values) == 10  # bounded, whatever is sent


async def test_while_the_database_is_away_nobody_is_anybody() -> None:
    ring = Ring()
    token = await ring.new()
    ring.keys.faults.fail("find", DatabaseUnavailable("away"))
    with pytest.raises(DatabaseUnavailable):
        await ring.of(token)
    assert (await ring.of(token)).owner == "acme"


async def test_the_owner_of_a_job_is_looked_up_once() -> None:
    jobs = InMemoryJobs(lambda: NOW)
    job = an_owned_job("acme")
    await jobs.add(job)
    access = JobAccess(jobs)
    operator = Caller("ops", permissions=frozenset({Permission.OPERATE}))
    async with anyio.create_task_group() as group:
        for caller in (Caller("acme"), operator):
            group.start_soon(access, caller, job.id)
    for stranger in (Caller(), Caller("other")):
        with pytest.raises(JobNotFound):
            await access(stranger, job.id)
    assert len(jobs.faults.calls["owner"]) <= 2


async def test_what_another_service_says_of_a_key_is_remembered_for_a_while() -> None:
    asked, seconds = list[str](), 0.0
    good, guess = new_token(), new_token()

    async def accepts(key: str) -> bool:
        asked.append(key)
        return key == good

    known = KnownKeys(accepts, lambda: seconds)
    assert [await known(key) for key in (good, good, guess, guess, "secret")] == [True, True, False, False, False]
    assert asked == [good, guess]
    seconds += KNOWN_SECONDS
    assert await known(good)
    assert asked == [good, guess, good]
