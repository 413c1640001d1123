"""A pool of warm child processes with a spare: whoever comes after a lost child finds a warm one."""

import logging
import pickle
import random
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar, TypeVarTuple

import anyio

from adapters.audio.children.child import Child, ChildDied
from adapters.audio.children.losses import ChildCrashed, ChildLost, ChildStopped, OutOfTime, loss_of
from adapters.toolkit.turns import Stage, Turns

SPARE: Final = 1
"""Children beyond those that compute at the same time: it takes over at once, while another one warms up."""

RETRY_SECONDS: Final = 5.0
"""The longest pause before another attempt to start a child."""

T = TypeVar("T")
Args = TypeVarTuple("Args")

log = logging.getLogger(__name__)


class ChildPool:
    """Computes calls in child processes.

    Args:
        size: Calls that are computed at the same time.
        warm_up: Called in each new child before it serves.
    """

    def __init__(self, size: int, warm_up: Callable[[], None] | None = None) -> None:
        self._turns = Turns(size)
        self._size = size
        self._wanted = size + SPARE
        self._warm_up = warm_up
        self._children = set[Child]()
        self._idle = deque[Child]()
        self._lost = anyio.Event()

    async def run(self, function: Callable[[*Args], T], *args: *Args, stage: Stage = Stage.ANALYSIS) -> T:
        """Call a module-level function in a child process, when it is the turn of a call of this stage.

        A call that crashes its process is made again, in a new one of its own; so is one whose process was stopped with
        all others of the service, or had used up its processor time. If it is cancelled, it stops between two steps.

        Raises:
            ChildCrashed: It crashed twice.
            OutOfTime: It reached its own limit of processor time twice.
            ChildLost: The process was killed, for example by the kernel.
        """
        request = pickle.dumps((function, args), pickle.HIGHEST_PROTOCOL)
        async with self._turns.turn(stage):
            success, result = await self._call_twice(await self._take(), request)
        if not success:
            raise result
        answer: T = result
        return answer

    async def fill(self, *, spare: bool = True) -> None:
        """Start children until there are enough, and warm them up; calls may use the others meanwhile.

        Args:
            spare: Whether the spare is among them; without it, `keep_filled` begins with it.

        Raises:
            ExceptionGroup: Of `ChildLost`, and of what `warm_up` raises.
        """
        self._lost = anyio.Event()
        async with anyio.create_task_group() as group:
            for _ in range((self._wanted if spare else self._size) - len(self._children)):
                group.start_soon(self._add)
        if not spare:
            self._lost.set()

    async def keep_filled(self) -> None:
        """Start the spare if it is missing, and replace lost children, until cancelled."""
        while True:
            await self._lost.wait()
            try:
                await self.fill()
            except ExceptionGroup:
                log.warning("a child process could not be started", exc_info=True)
                await anyio.sleep(RETRY_SECONDS * (0.5 + 0.5 * random.random()))  # noqa: S311 - jitter
                self._lost.set()

    async def aclose(self) -> None:
        """End all children."""
        while self._children:
            await self._children.pop().kill()

    async def _add(self) -> None:
        child = await self._start()
        if self._warm_up is None:
            self._idle.append(child)
            return
        success, result = await self._call_twice(child, pickle.dumps((self._warm_up, ())))
        if not success:
            raise result

    async def _take(self) -> Child:
        """Return an idle child, the one that served last first: its memory is in the caches."""
        while self._idle:
            if (child := self._idle.pop()).is_alive:
                return child
            await self._discard(child)
        return await self._start()

    async def _start(self) -> Child:
        try:
            with anyio.CancelScope(shield=True):  # what is half started has no owner
                child = await Child.start()
        except OSError as error:
            raise ChildLost(f"a child process could not be started: {error}") from error
        self._children.add(child)
        return child

    async def _call_twice(self, child: Child, request: bytes) -> tuple[bool, Any]:
        try:
            return await self._call(child, request)
        except (ChildCrashed, ChildStopped, OutOfTime) as loss:
            log.warning("%s; the call is made once more, in a new one", loss)
            return await self._call(await self._start(), request)

    async def _call(self, child: Child, request: bytes) -> tuple[bool, Any]:
        try:
            return await child.call(request)
        except ChildDied as death:
            raise loss_of(death.signal) from death
        finally:
            if child.is_alive and len(self._children) <= self._wanted:
                self._idle.append(child)
            else:
                await self._discard(child)

    async def _discard(self, child: Child) -> None:
        self._children.discard(child)
        await child.kill()
        self._lost.set()


@asynccontextmanager
async def open_pool(size: int, warm_up: Callable[[], None] | None = None) -> AsyncIterator[ChildPool]:
    """Yield a pool without children, which starts one for a call that finds none; end them all afterwards."""
    pool = ChildPool(size, warm_up)
    try:
        yield pool
    finally:
        await pool.aclose()
