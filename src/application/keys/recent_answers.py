"""What was found out about keys within the last seconds, about those that do not exist included.

So neither many requests with one key nor one guess sent again and again ask each time. Guesses have a cache of their
own: they push no good key out.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

from application.bounded_cache import BoundedCache
from application.keys.tokens import digest_of, prefix_of

T = TypeVar("T")

KNOWN_SECONDS: Final = 5.0
"""After so many seconds, a key that was revoked is refused, and one that did not exist is found."""

KNOWN_KEYS: Final = 4096
KNOWN_GUESSES: Final = 4096


class RecentAnswers(Generic[T]):
    """Remembers the answers about keys.

    Args:
        ask: Returns what is known of a key; None if it is no good one.
        clock: Seconds; only differences count.
    """

    def __init__(self, ask: Callable[[str], Awaitable[T | None]], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._good: BoundedCache[bytes, tuple[T, float]] = BoundedCache(KNOWN_KEYS)
        self._guesses: BoundedCache[bytes, float] = BoundedCache(KNOWN_GUESSES)

    async def __call__(self, token: str) -> T | None:
        """Return what is known of a key, None if it is no good one; raises whatever asking raises."""
        if prefix_of(token) is None:
            return None
        digest, now = digest_of(token), self._clock()
        answer, until = self._good.get(digest) or (None, 0.0)
        if answer is not None and now < until:
            return answer
        if now < (self._guesses.get(digest) or 0.0):
            return None
        return self._remembered(digest, await self._ask(token))

    def _remembered(self, digest: bytes, answer: T | None) -> T | None:
        until = self._clock() + KNOWN_SECONDS
        if answer is None:
            self._guesses.put(digest, until)
        else:
            self._good.put(digest, (answer, until))
        return answer
