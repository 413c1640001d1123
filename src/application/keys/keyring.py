"""Who sends a key. What was found is known for some seconds, keys that do not exist included.

So neither many requests with one key nor one guess sent again and again ask the database each time; requests with
different keys at the same time share its answers (the adapter batches). Guesses have a cache of their own: they push no
good key out.
"""

import time
from collections.abc import Callable
from hmac import compare_digest
from typing import Final

from application.access import Caller, KeyInvalid
from application.keys.bounded_cache import BoundedCache
from application.keys.tokens import digest_of, prefix_of
from application.ports.api_keys import ApiKey, ApiKeys

KNOWN_SECONDS: Final = 5.0
"""After so many seconds, a key that was revoked is refused, and one that did not exist is found."""

KNOWN_KEYS: Final = 4096
KNOWN_GUESSES: Final = 4096


class Keyring:
    """Recognises keys.

    Args:
        clock: Seconds; only differences count.
    """

    def __init__(self, keys: ApiKeys, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys = keys
        self._clock = clock
        self._callers: BoundedCache[bytes, tuple[Caller, float]] = BoundedCache(KNOWN_KEYS)
        self._guesses: BoundedCache[bytes, float] = BoundedCache(KNOWN_GUESSES)

    async def __call__(self, token: str) -> Caller:
        """Return who sends a key.

        Raises:
            KeyInvalid: It is no key, unknown or revoked.
            DatabaseUnavailable: It cannot be looked up now.
        """
        prefix = prefix_of(token)
        if prefix is None:
            raise KeyInvalid
        digest, now = digest_of(token), self._clock()
        caller, until = self._callers.get(digest) or (None, 0.0)
        if caller is not None and now < until:
            return caller
        if now < (self._guesses.get(digest) or 0.0):
            raise KeyInvalid
        return await self._look_up(prefix, digest)

    async def _look_up(self, prefix: str, digest: bytes) -> Caller:
        key = await self._keys.find(prefix, digest)
        until = self._clock() + KNOWN_SECONDS
        if key is None or not compare_digest(key.digest, digest):
            self._guesses.put(digest, until)
            raise KeyInvalid
        caller = _caller(key)
        self._callers.put(digest, (caller, until))
        return caller


def _caller(key: ApiKey) -> Caller:
    return Caller(
        owner=key.owner,
        client=key.owner,
        permissions=key.permissions,
        may_hurry=key.may_hurry,
        key_id=key.id,
        limits=key.limits,
    )
