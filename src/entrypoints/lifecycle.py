"""Shutdown: the first signal asks a process to finish its work, the second cancels it. Its parent's end is a signal."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Final

import anyio

SUPERVISED: Final = "MOMENT_SUPERVISED"
"""Set for the children of `moment up`: their standard input is a pipe that closes when it ends, even on SIGKILL."""

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

_log = logging.getLogger(__name__)


async def run_until_signalled(work: Callable[[anyio.Event], Awaitable[object]]) -> None:
    """Run `work(stopping)`. SIGTERM or SIGINT sets `stopping`, a second signal cancels the work, others are ignored."""
    stopping = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(_listen, stopping, group.cancel_scope)
        await work(stopping)
        group.cancel_scope.cancel()


async def _listen(stopping: anyio.Event, scope: anyio.CancelScope) -> None:
    try:
        with anyio.open_signal_receiver(*SIGNALS) as signals:
            async for received in signals:
                if stopping.is_set():
                    _log.warning("%s again: stopping at once", received.name)
                    scope.cancel()
                    break
                _log.info("%s: stopping", received.name)
                stopping.set()
    finally:  # only closing remains, which takes seconds at most; the exit code must stay 0
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def follow_parent() -> None:
    """Stop when `moment up` ends, if it started this process."""
    if os.environ.get(SUPERVISED):
        threading.Thread(target=_await_parents_end, daemon=True).start()


def _await_parents_end() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
