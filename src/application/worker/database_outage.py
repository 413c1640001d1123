"""An outage of the database, as a worker logs it: one line when it begins, one when it is over."""

import logging
from typing import Final

import anyio

from application.ports.jobs import DatabaseUnavailable

QUIET_SECONDS: Final = 1.0
"""A response so soon after a failure does not end an outage: it may be older than the failure."""

log: Final = logging.getLogger(__name__)


class DatabaseOutage:
    """What claims, heartbeats and writes have met, told once instead of by each of them.

    It is no circuit breaker: each of them tries again at its own pace.
    """

    def __init__(self) -> None:
        self._began_at: float | None = None
        self._failed_at = 0.0

    def failed(self, error: DatabaseUnavailable) -> None:
        """Note that the database did not respond; what follows the first time is logged at DEBUG."""
        self._failed_at = anyio.current_time()
        level = logging.WARNING if self._began_at is None else logging.DEBUG
        if self._began_at is None:
            self._began_at = self._failed_at
        log.log(level, "the database: %s (%s); states are written later", error.message, error.code)

    def answered(self) -> None:
        """Note that the database responded."""
        now = anyio.current_time()
        if self._began_at is not None and now >= self._failed_at + QUIET_SECONDS:
            log.info("the database: well again after %.1f s", now - self._began_at)
            self._began_at = None
