"""Signals: the first asks a process to finish what it is doing, the second insists; so does the end of its parent."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Final

import anyio

SUPERVISED: Final = "MOMENT_SUPERVISED"
"""Set for the children of `moment up`: their standard input is a pipe that closes when it ends, even by SIGKILL."""

_log = logging.getLogger(__name__)


async def run_until_signalled(work: Callable[[anyio.Event], Awaitable[object]]) -> None:
    """Run `work(stopping)`; SIGTERM or SIGINT sets `stopping`, a second one cancels the work."""
    stopping = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(_listen, stopping, group.cancel_scope)
        await work(stopping)
        group.cancel_scope.cancel()


async def _listen(stopping: anyio.Event, scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for received in signals:
            if stopping.is_set():
                _log.warning("%s again: stopping at once", received.name)
                scope.cancel()
                return
            _log.info("%s: stopping", received.name)
            stopping.set()


def follow_parent() -> None:
    """Where `moment up` started this process: stop when it is gone."""
    if os.environ.get(SUPERVISED):
        threading.Thread(target=_await_parents_end, daemon=True).start()


def _await_parents_end() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
