"""Group commit on the client's side: what several callers want at the same moment travels in one statement."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

from application.ports import DatabaseUnavailable

MOST: Final = 200
"""Items in one statement."""

LANES: Final = 2
"""Statements under way at the same time: one is computed while the other one waits for the disk."""

T = TypeVar("T")
R = TypeVar("R")


class Coalescer(Generic[T, R]):
    """Sends at once when nothing is under way; what is asked for meanwhile goes together.

    A caller alone waits no longer than it would for a statement of its own. The statements are bounded in time by the
    pool, so a caller that is cancelled leaves nothing running for long; its item may have been written.

    Args:
        send: Writes or reads all items and returns an answer for each, in their order. Raises `DatabaseUnavailable`.
        key: Items with the same key never share a statement, and keep their order.
    """

    def __init__(
        self, send: Callable[[list[T]], Awaitable[Sequence[R]]], key: Callable[[T], Hashable] | None = None
    ) -> None:
        self._send = send
        self._key = key
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._under_way: set[Hashable] = set()
        self._lanes: set[asyncio.Task[None] | None] = set()

    async def __call__(self, item: T) -> R:
        """Return the answer for an item."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if len(self._lanes) < LANES:
            self._lanes.add(asyncio.create_task(self._lane()))
        return await answer

    async def _lane(self) -> None:
        try:
            await self._drain()
        finally:  # in the step that found nothing waiting: a callback would come too late for who asks in between
            self._lanes.discard(asyncio.current_task())

    async def _drain(self) -> None:
        while batch := self._take():
            keys = {self._key(item) for item, _ in batch} if self._key else set()
            self._under_way |= keys
            try:
                await self._settle(batch)
            finally:
                self._under_way -= keys
                for _, answer in batch:  # of a lane that was cancelled; the others have their answers
                    answer.cancel()

    def _take(self) -> list[tuple[T, asyncio.Future[R]]]:
        """Return the next batch; what must wait for others stays."""
        taken = set(self._under_way)
        batch: list[tuple[T, asyncio.Future[R]]] = []
        rest: list[tuple[T, asyncio.Future[R]]] = []
        for entry in self._waiting:
            key = self._key(entry[0]) if self._key else object()
            (rest if key in taken or len(batch) == MOST else batch).append(entry)
            taken.add(key)
        self._waiting = rest
        return batch

    async def _settle(self, batch: list[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            results = await self._send([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is for those who asked
            if len(batch) > 1 and not isinstance(error, DatabaseUnavailable):
                for entry in batch:  # one item is wrong, and its neighbours must not suffer for it
                    await self._settle([entry])
                return
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
        else:
            for (_, answer), result in zip(batch, results, strict=True):
                if not answer.done():
                    answer.set_result(result)
