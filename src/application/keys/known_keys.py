"""Which keys somebody else accepts."""

import time
from collections.abc import Awaitable, Callable

from application.keys.recent_answers import RecentAnswers


class KnownKeys:
    """Tells keys from other texts, so that not every call asks again.

    Args:
        accepts: Asks about a key.
        clock: Seconds; only differences count.
    """

    def __init__(self, accepts: Callable[[str], Awaitable[bool]], clock: Callable[[], float] = time.monotonic) -> None:
        self._accepts = accepts
        self._answers = RecentAnswers(self._ask, clock)

    async def __call__(self, text: str) -> bool:
        """Return whether a text is a key that is accepted; raises whatever asking raises."""
        return await self._answers(text) is not None

    async def _ask(self, token: str) -> bool | None:
        return await self._accepts(token) or None
