"""Who sends a key."""

import time
from collections.abc import Callable
from hmac import compare_digest

from application.access import Caller, KeyInvalid
from application.keys.recent_answers import RecentAnswers
from application.keys.tokens import digest_of, prefix_of
from application.ports.api_keys import ApiKey, ApiKeys


class Keyring:
    """Recognises keys. Requests with different keys at the same time share an answer (the adapter batches).

    Args:
        clock: Seconds; only differences count.
    """

    def __init__(self, keys: ApiKeys, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys = keys
        self._callers = RecentAnswers(self._look_up, clock)

    async def __call__(self, token: str) -> Caller:
        """Return who sends a key.

        Raises:
            KeyInvalid: It is no key, unknown or revoked.
            DatabaseUnavailable: It cannot be looked up now.
        """
        if (caller := await self._callers(token)) is None:
            raise KeyInvalid
        return caller

    async def _look_up(self, token: str) -> Caller | None:
        digest = digest_of(token)
        key = await self._keys.find(prefix_of(token) or "", digest)
        return _caller(key) if key and compare_digest(key.digest, digest) else None


def _caller(key: ApiKey) -> Caller:
    return Caller(
        owner=key.owner,
        client=key.owner,
        permissions=key.permissions,
        may_hurry=key.may_hurry,
        key_id=key.id,
        limits=key.limits,
    )
