"""Keeps the api and retention from a wrong bucket, without asking the store each time."""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Final

import anyio

from application.upkeep.bucket_owner import BucketOwner
from application.upkeep.bucket_report import BucketReport, BucketState
from domain.errors import MomentError

ASK_SECONDS: Final = 3.0
"""How long a caller waits for the answer; whoever cannot know goes on, and finds out what is away."""

CONFIRMED_SECONDS: Final = 60.0
"""How long a marker of ours is relied upon: only a folder whose disk is exchanged changes meanwhile."""

DOUBTFUL_SECONDS: Final = 2.0
"""How long any other answer is: a bucket is marked or adopted sometime, and what is away comes back."""

log: Final = logging.getLogger(__name__)


class BucketGuard:
    """Knows whether the bucket in use is wrong, as far as it could be found out."""

    def __init__(self, owner: BucketOwner, clock: Callable[[], float] = monotonic) -> None:
        self._owner = owner
        self._clock = clock
        self._asking = anyio.Lock(fast_acquire=True)
        self._ask_at = clock()
        self._report: BucketReport | None = None

    async def __call__(self) -> None:
        """Do nothing while the bucket is not known to be wrong. Many callers share a question to the store.

        Raises:
            WrongBucket: It is, and was when the store and the database last answered.
        """
        async with self._asking:
            if self._clock() >= self._ask_at:
                await self._ask()
        if self._report is not None:
            self._report.require_right()

    async def _ask(self) -> None:
        valid = DOUBTFUL_SECONDS
        try:
            with anyio.fail_after(ASK_SECONDS):
                report = await self._owner.identify()
        except (MomentError, TimeoutError) as error:
            log.debug("cannot find out whose bucket it is: %r", error)
        else:
            self._report = report
            valid = CONFIRMED_SECONDS if report.state is BucketState.OURS else DOUBTFUL_SECONDS
        self._ask_at = self._clock() + valid
