"""Channels, stems and halves of a song side by side, in two threads of one process.

A song is finished by one call while the other cores have nothing to do. The libraries that compute let go of the
interpreter's lock, so threads are enough. What is computed does not depend on how many there are.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from threading import current_thread, main_thread
from typing import Final, TypeVar

from adapters.audio.children.child_main import unstopped

T = TypeVar("T")
R = TypeVar("R")

WORTH_SAMPLES: Final = 1 << 17
"""Handing over to a thread takes as long as to filter some thousands of samples."""


def side_by_side(function: Callable[[T], R], items: Sequence[T], samples: int = WORTH_SAMPLES) -> list[R]:
    """Return what the function makes of each item, in order.

    The last item is the other thread's. Only the process's main thread has a helper: its own work is done in turn.

    Args:
        function: It must not write to what another item's call reads.
        items: Two, as a rule.
        samples: How long each of them is; short ones are done in turn.
    """
    if samples < WORTH_SAMPLES or len(items) < 2 or _cores() < 2 or current_thread() is not main_thread():
        return [function(item) for item in items]
    last: list[Future[R]] = []
    try:
        with unstopped():
            last.append(_helper().submit(function, items[-1]))
        done = [function(item) for item in items[:-1]]
    finally:
        with unstopped():
            wait(last)  # whoever handles an error may reuse the arrays
    return [*done, last[0].result()]


@cache
def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _helper() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "audio")
