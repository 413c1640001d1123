"""Group commit: what several callers want at the same moment goes in one batch, a statement or a turn of a thread."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

from application.ports.jobs import DatabaseUnavailable

MAX_BATCH: Final = 200
"""Items in one batch."""

MAX_IN_FLIGHT: Final = 2
"""Batches under way at the same time: one is computed while the other one waits for the disk."""

CROWDED: Final = 32
"""So many waiting open the second lane. Fewer go together when the first is free: two small batches cost twice one."""

T = TypeVar("T")
R = TypeVar("R")

_Asked = tuple[Hashable, T, asyncio.Future[R]]
"""The key, the item, and where the answer goes."""


class Batcher(Generic[T, R]):
    """Sends at once when nothing is under way; what is asked for meanwhile goes together.

    A caller alone waits no longer than it would by itself. A caller that is cancelled leaves its batch running, which
    `send` bounds in time; its item may have been written.

    Args:
        send: Writes or reads all items and returns an answer for each, in their order. Raises `DatabaseUnavailable`.
        key: Items with the same key never share a batch, and keep their order.
    """

    def __init__(
        self, send: Callable[[list[T]], Awaitable[Sequence[R]]], key: Callable[[T], Hashable] | None = None
    ) -> None:
        self._send = send
        self._key = key
        self._waiting: list[_Asked[T, R]] = []
        self._under_way: set[Hashable] = set()
        self._lanes: set[asyncio.Task[None] | None] = set()

    async def __call__(self, item: T) -> R:
        """Return the answer for an item."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._key(item) if self._key else answer, item, answer))
        if not self._lanes or (len(self._waiting) >= CROWDED and len(self._lanes) < MAX_IN_FLIGHT):
            self._lanes.add(asyncio.create_task(self._run_lane()))
        return await answer

    async def _run_lane(self) -> None:
        try:
            await self._drain()
        finally:  # in the step that found nothing waiting: a callback would come too late for who asks in between
            self._lanes.discard(asyncio.current_task())

    async def _drain(self) -> None:
        while batch := self._take():
            keys = {key for key, _, _ in batch}
            self._under_way |= keys
            try:
                await self._settle(batch)
            finally:
                self._under_way -= keys
                for _, _, answer in batch:  # of a lane that was cancelled; the others have their answers
                    answer.cancel()

    def _take(self) -> list[_Asked[T, R]]:
        """Return the next batch; what must wait for others stays."""
        taken = set(self._under_way)
        batch: list[_Asked[T, R]] = []
        rest: list[_Asked[T, R]] = []
        for asked in self._waiting:
            (rest if asked[0] in taken or len(batch) == MAX_BATCH else batch).append(asked)
            taken.add(asked[0])
        self._waiting = rest
        return batch

    async def _settle(self, batch: list[_Asked[T, R]]) -> None:
        try:
            results = await self._send([item for _, item, _ in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is for those who asked
            if len(batch) > 1 and not isinstance(error, DatabaseUnavailable):
                for asked in batch:  # one item is wrong, and its neighbours must not suffer for it
                    await self._settle([asked])
                return
            for _, _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
        else:
            for (_, _, answer), result in zip(batch, results, strict=True):
                if not answer.done():
                    answer.set_result(result)
