"""Which keys somebody else accepts: remembered for some seconds, so that not every call asks again."""

import time
from collections.abc import Awaitable, Callable

from application.keys.bounded_cache import BoundedCache
from application.keys.keyring import KNOWN_GUESSES, KNOWN_KEYS, KNOWN_SECONDS
from application.keys.tokens import digest_of, prefix_of


class KnownKeys:
    """Remembers the answers about keys.

    Args:
        accepts: Asks about a key.
        clock: Seconds; only differences count.
    """

    def __init__(self, accepts: Callable[[str], Awaitable[bool]], clock: Callable[[], float] = time.monotonic) -> None:
        self._accepts = accepts
        self._clock = clock
        self._good: BoundedCache[bytes, float] = BoundedCache(KNOWN_KEYS)
        self._guesses: BoundedCache[bytes, float] = BoundedCache(KNOWN_GUESSES)

    async def __call__(self, text: str) -> bool:
        """Return whether a text is a key that is accepted; raises whatever asking raises."""
        if prefix_of(text) is None:
            return False
        digest, now = digest_of(text), self._clock()
        if now < (self._good.get(digest) or 0.0):
            return True
        if now < (self._guesses.get(digest) or 0.0):
            return False
        accepted = await self._accepts(text)
        (self._good if accepted else self._guesses).put(digest, self._clock() + KNOWN_SECONDS)
        return accepted
