"""Group commit: requests that arrive at the same time share one batch, a statement or a call in a thread."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

from application.ports.jobs import DatabaseUnavailable

MAX_BATCH: Final = 200
"""Items in one batch."""

MAX_IN_FLIGHT: Final = 2
"""Batches in flight at once: one is computed while the other waits for the disk."""

CROWDED: Final = 32
"""This many waiting items start a second batch. Fewer wait for the first to end: two small batches cost twice one."""

T = TypeVar("T")
R = TypeVar("R")

_Pending = tuple[Hashable, T, asyncio.Future[R]]
"""The key, the item, and the future of its result."""


class Batcher(Generic[T, R]):
    """Sends at once if no batch is in flight; items that arrive meanwhile form the next batch.

    A single caller waits no longer than without a batcher. Cancelling a caller does not stop its batch, which `send`
    bounds in time; its item may have been written.

    Args:
        send: Writes or reads all items and returns a result for each, in their order. Raises `DatabaseUnavailable`.
        key: Items with the same key never share a batch, and keep their order.
    """

    def __init__(
        self, send: Callable[[list[T]], Awaitable[Sequence[R]]], key: Callable[[T], Hashable] | None = None
    ) -> None:
        self._send = send
        self._key = key
        self._waiting: list[_Pending[T, R]] = []
        self._in_flight: set[Hashable] = set()
        self._lanes: set[asyncio.Task[None] | None] = set()

    async def __call__(self, item: T) -> R:
        """Return the result for an item.

        Raises:
            DatabaseUnavailable: The batch failed.
            Exception: Whatever `send` raises for this item alone.
        """
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._key(item) if self._key else future, item, future))
        if not self._lanes or (len(self._waiting) >= CROWDED and len(self._lanes) < MAX_IN_FLIGHT):
            self._lanes.add(asyncio.create_task(self._run_lane()))
        return await future

    async def _run_lane(self) -> None:
        try:
            await self._drain()
        finally:  # at once: with a callback, items that arrive in between would find a lane that has ended
            self._lanes.discard(asyncio.current_task())

    async def _drain(self) -> None:
        while batch := self._take():
            keys = {key for key, _, _ in batch}
            self._in_flight |= keys
            try:
                await self._settle(batch)
            finally:
                self._in_flight -= keys
                for _, _, future in batch:  # only of a lane that was cancelled; other futures are done
                    future.cancel()

    def _take(self) -> list[_Pending[T, R]]:
        """Return the next batch; items whose key is in flight stay."""
        taken = set(self._in_flight)
        batch: list[_Pending[T, R]] = []
        rest: list[_Pending[T, R]] = []
        for pending in self._waiting:
            (rest if pending[0] in taken or len(batch) == MAX_BATCH else batch).append(pending)
            taken.add(pending[0])
        self._waiting = rest
        return batch

    async def _settle(self, batch: list[_Pending[T, R]]) -> None:
        try:
            results = await self._send([item for _, item, _ in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the callers
            if len(batch) > 1 and not isinstance(error, DatabaseUnavailable):
                for pending in batch:  # one item is at fault, and the others must not fail with it
                    await self._settle([pending])
                return
            for _, _, future in batch:
                if not future.done():
                    future.set_exception(error)
        else:
            for (_, _, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)
