"""Find the sample of a style; one that is not there is made once, by a worker, and kept."""

from collections.abc import Callable
from time import monotonic
from typing import Final

import anyio

from application.moments.find_artifact import ArtifactNotReady
from application.moments.find_format import ConversionFailed
from application.ports.conversions import NO_JOB, Conversions
from application.ports.objects import ObjectNotFound, ObjectStore, UrlSigner
from application.ports.workers import WorkerRegistry
from application.samples import sample_key, sample_order
from domain.blueprints.sample import KIND
from domain.errors import MomentError
from domain.music.styles.registry import STYLES

TRUSTED_SECONDS: Final = 60.0
"""For so long a sample that was there is not looked for again."""

LOOK_EVERY: Final = 0.3
"""Seconds between two looks for a sample that is awaited, however many await it."""

MOST_WAITERS: Final = 128


class StyleNotFound(MomentError):
    """No style has this name."""

    code = "style_not_found"
    permanent = True

    def __init__(self) -> None:
        super().__init__("no style has this name: see /v1/styles")


class FindSample:
    """Sign a URL of a sample, or have it made."""

    def __init__(self, store: ObjectStore, conversions: Conversions, urls: UrlSigner, workers: WorkerRegistry) -> None:
        self._store = store
        self._conversions = conversions
        self._urls = urls
        self._workers = workers
        self._looked_at: dict[str, float] = {}  # by style, of which there are few
        self._seen_at: dict[str, float] = {}
        self._waiting = 0

    async def __call__(self, style: str, seconds: int = 0, is_stopping: Callable[[], bool] = lambda: False) -> str:
        """Return a signed URL.

        Args:
            style: Its name.
            seconds: How long to wait for what is to be made, at most.
            is_stopping: Whether the process ends, so that nobody is to wait any more.

        Raises:
            StyleNotFound: There is no such style.
            ArtifactNotReady: A worker makes the sample, or will once the tools can.
            ConversionFailed: A worker tried it in vain lately.
            StorageUnavailable, StorageDenied, DatabaseUnavailable: It cannot be said now.
        """
        if style not in STYLES:
            raise StyleNotFound
        if not await self._is_there(style, 0.0):
            if reason := await self._conversions.request(NO_JOB, sample_order(style)):
                raise ConversionFailed(f"the sample of {style} could not be made: {reason}")
            if not await self._awaited(style, seconds, is_stopping):
                raise ArtifactNotReady(f"the sample of {style} is being made{await self._obstacle()}")
        return await self._urls.sign_get(sample_key(style))

    async def _awaited(self, style: str, seconds: int, is_stopping: Callable[[], bool]) -> bool:
        """Return whether the sample is there before the time is over; of too many, some do not wait."""
        if self._waiting >= MOST_WAITERS:
            return False
        self._waiting += 1
        try:
            ends = monotonic() + seconds
            while monotonic() < ends and not is_stopping():
                await anyio.sleep(LOOK_EVERY)
                if await self._is_there(style, LOOK_EVERY):
                    return True
            return False
        finally:
            self._waiting -= 1

    async def _is_there(self, style: str, since: float) -> bool:
        """Return whether the sample is stored; what was looked at within so many seconds counts."""
        now = monotonic()
        if now < self._seen_at.get(style, -TRUSTED_SECONDS) + TRUSTED_SECONDS:
            return True
        if now < self._looked_at.get(style, -since) + since:
            return False
        self._looked_at[style] = now
        try:
            await self._store.stat(sample_key(style))
        except ObjectNotFound:
            return False
        self._seen_at[style] = now
        return True

    async def _obstacle(self) -> str:
        """Return what keeps every worker from making it, in words to append; empty if nothing does."""
        waiting_for = [report.waiting_for.get(KIND, "") for report in await self._workers.working()]
        if not waiting_for:
            return ", once a worker is there: worker_missing"
        return "" if "" in waiting_for else f", once this has passed: {waiting_for[0]}"
