"""Statuses as JSON, and those that were rendered lately."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final, Self

import msgspec

from application.bounded_cache import BoundedCache
from application.moments.forecast import Forecast
from application.moments.moment_status import MomentStatus
from domain.jobs.job import JobId

CACHE_SECONDS: Final = 60.0
"""Seconds for which a status is cached, at most; a quarter of what is left to the URLs in it, where that is less."""

CACHED_BYTES: Final = 32 * 1024 * 1024
LONGEST_CACHED: Final = 32 * 1024
"""Bytes of all statuses that are cached, and of one; a longer one is rendered for each request."""

OVERHEAD: Final = 1024
"""Bytes that a cached status takes beside its text, about."""

LONGEST_POLL: Final = 30
"""Seconds between two reads that are suggested of a job that waits long."""

Facts = tuple[int, float, str, int, Forecast]
"""What a status depends on: the job's version, its progress, what it waits for, its attempt, what is foreseen."""

_encoder: Final = msgspec.json.Encoder()


class EncodedStatus(msgspec.Struct, frozen=True):
    """A status as JSON.

    Attributes:
        body: A `MomentStatus`.
        etag: Of the whole body, so that a 304 never hides a fresh URL (RFC 9110).
        version: Of the job.
        read_again_after: Seconds after which to read it again; None if it is final.
    """

    body: bytes
    etag: str
    version: int
    read_again_after: int | None

    @classmethod
    def of(cls, status: MomentStatus) -> Self:
        """Return the status, encoded."""
        body = _encoder.encode(status)
        etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
        return cls(body, etag, status.version, None if status.terminal else _pause(status))


class CachedStatus(msgspec.Struct, frozen=True):
    """A status that was rendered lately.

    Attributes:
        facts: What it was rendered from.
        until: When it is rendered anew, by the clock of the cache.
    """

    status: EncodedStatus
    facts: Facts
    until: float


class StatusCache:
    """The statuses that were read lately.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._statuses: BoundedCache[JobId, CachedStatus] = BoundedCache(CACHED_BYTES, _weight)

    def find(self, job_id: JobId) -> CachedStatus | None:
        """Return what is cached of a job."""
        cached = self._statuses.get(job_id)
        return cached if cached and self._clock() < cached.until else None

    def add(self, facts: Facts, status: MomentStatus) -> EncodedStatus:
        """Encode a status, and cache it if it is not too long."""
        encoded = EncodedStatus.of(status)
        if len(encoded.body) <= LONGEST_CACHED:
            until = self._clock() + min(CACHE_SECONDS, _seconds_left(status) / 4)
            self._statuses.put(status.id, CachedStatus(encoded, facts, until))
        return encoded


def _seconds_left(status: MomentStatus) -> float:
    """Return for how long all URLs of a status are valid."""
    now = datetime.now(UTC)
    left = ((detail.url_expires_at - now).total_seconds() for detail in status.artifacts_detail)
    return min(left, default=4 * CACHE_SECONDS)


def _weight(cached: CachedStatus) -> int:
    return len(cached.status.body) + OVERHEAD


def _pause(status: MomentStatus) -> int:
    """Return for how many seconds a client may look away: while a job waits its turn, half of what that may take."""
    waits = status.eta_seconds if status.queue_position else None
    return min(max(int((waits or 0.0) / 2), 1), LONGEST_POLL)
