"""Recordings from URLs: a bounded number at once, and fewer for one client, so that a slow server holds up its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from application.client_shares import ClientShare, ClientShares
from application.ports.objects import Chunks
from application.ports.recording_fetcher import RecordingFetcher
from domain.errors import MomentError

AT_ONCE: Final = 32
OF_CLIENT: Final = 4


class FetchRefused(MomentError):
    """There are too many at the same time: `service_busy`, or `too_many_uploads` of one client."""


class FetchedHums:
    """Fetches recordings.

    Args:
        fetcher: Returns what fetches; it is asked for when it is first needed.
        max_bytes: Of a recording.
    """

    def __init__(self, fetcher: Callable[[], RecordingFetcher], max_bytes: int) -> None:
        self._fetcher = fetcher
        self._max_bytes = max_bytes
        self._shares = ClientShares(
            ClientShare(AT_ONCE, "service_busy", "too many recordings are being fetched; try again"),
            ClientShare(OF_CLIENT, "too_many_uploads", f"you have {OF_CLIENT} recordings fetched at the same time"),
        )

    @asynccontextmanager
    async def opened(self, url: str, client: str) -> AsyncIterator[Chunks]:
        """Yield a recording for the duration of the block; a client without a name has no share of its own.

        Raises:
            FetchRefused: There are too many.
            AudioUrlNotAllowed, AudioUrlRefused, AudioUrlUnreachable, RecordingTooLarge: As the port raises them.
        """
        if share := self._shares.exhausted(client):
            raise FetchRefused(share.detail, code=share.code)
        with self._shares.taken(client):
            async with self._fetcher().fetch(url, self._max_bytes) as chunks:
                yield chunks
