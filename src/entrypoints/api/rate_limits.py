"""How many requests a client may send in a minute: reads (statuses are polled), and all others.

The limits are those of one process. Of each client one number is kept, the time at which it will have its whole quota
again (generic cell rate algorithm, ITU-T I.371), of so many clients that the memory is bounded. The headers are those
of draft-ietf-httpapi-ratelimit-headers-10.
"""

import time
from collections.abc import Callable
from math import ceil, floor
from typing import Final

import msgspec
from litestar.types import ASGIApp, Receive, Scope, Send

from application.access import Caller
from application.bounded_cache import BoundedCache
from entrypoints.api.added_headers import with_headers
from entrypoints.api.callers import STATE_KEY, needs_caller
from entrypoints.api.origin_checks import SAFE_METHODS
from entrypoints.api.problem_documents import encoded_problem

WINDOW: Final = 60
LINKS: Final = "/m/"
"""Where links to music begin: they are for everybody, but each guess at one is a query."""

REMEMBERED: Final = 32_768
"""Clients of one limit that a process remembers: about 10 MB. The one that was away for longest is forgotten."""


class Taken(msgspec.Struct, frozen=True):
    """What became of a request.

    Attributes:
        left: How many more a client may send now.
        reset: Seconds until it has its whole quota again.
        retry_after: Seconds until it may send the next one; 0 if this one may pass.
    """

    left: int
    reset: int
    retry_after: int = 0


class RateLimit:
    """A quota for each client, which comes back by and by.

    Args:
        name: Of the policy, in headers.
        quota: Requests in a minute, all at once or evenly.
    """

    def __init__(self, name: str, quota: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._quota = quota
        self._clock = clock
        self._pause = WINDOW / quota
        self._whole_at: BoundedCache[str, float] = BoundedCache(REMEMBERED)

    @property
    def remembered(self) -> int:
        """Of how many clients something is known."""
        return len(self._whole_at)

    def take(self, client: str) -> Taken:
        """Count a request of a client, unless it has no quota left."""
        now = self._clock()
        owed = max((self._whole_at.get(client) or now) - now, 0.0) + self._pause
        if owed > WINDOW + self._pause / 1000:  # of what is added, a little is lost
            return Taken(0, ceil(owed - self._pause), max(ceil(owed - WINDOW), 1))
        self._whole_at.put(client, now + owed)
        return Taken(floor((WINDOW - owed) / self._pause + 0.001), ceil(owed))

    def headers(self, taken: Taken) -> list[tuple[bytes, bytes]]:
        """Return the headers that tell a client about its quota."""
        policy, state = f'"{self._name}";q={self._quota};w={WINDOW}', f'"{self._name}";r={taken.left};t={taken.reset}'
        return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", state.encode())]


class RateLimits:
    """Limits the requests to the API and to links to music.

    Health, other pages and signed URLs have no limit, nor have clients nobody knows.

    Args:
        reads: Requests that only read, in a minute; 0 for no limit.
        changes: The others.
    """

    def __init__(self, reads: int, changes: int) -> None:
        self._reads = RateLimit("reads", reads) if reads else None
        self._changes = RateLimit("changes", changes) if changes else None

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return the application with its requests limited; it must be known who makes them."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            caller: Caller = scope["state"][STATE_KEY]
            limit = self._reads if scope["method"] in SAFE_METHODS else self._changes  # type: ignore[typeddict-item] # HTTP
            if limit is None or not caller.client or not _is_limited(scope["path"]):
                await app(scope, receive, send)
                return
            taken = limit.take(caller.client)
            inner = _refusal(taken) if taken.retry_after else app
            await inner(scope, receive, with_headers(send, limit.headers(taken)))

        return serve


def _is_limited(path: str) -> bool:
    return needs_caller(path) or path.startswith(LINKS)


def _refusal(taken: Taken) -> ASGIApp:
    detail = "you have sent too many requests in the last minute; see the header RateLimit-Policy"
    return encoded_problem("too_many_requests", detail, taken.retry_after)
