"""The child processes that compute: warmed up before the first call, and kept warm.

`anyio.to_process` ends children that idled for five minutes; a cold one costs seconds.
"""

import logging
import os
import signal
import time
from collections.abc import Callable
from typing import Final

import anyio
from anyio import to_process

from adapters.audio import processes, studio

PING_SECONDS: Final = 15.0
OVERLAP_SECONDS: Final = 0.05
"""How long a ping occupies its child, so that pings sent together reach different children."""

log = logging.getLogger(__name__)

THREAD_SETTINGS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def limit_threads() -> None:
    """Limit numeric libraries to one thread per child: more compete for the same cores. Call before they start."""
    for name in THREAD_SETTINGS:
        os.environ.setdefault(name, "1")


def available_cores() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2


async def warm_up(workers: int) -> None:
    """Start the children and let each load its modules; calls queue for them."""
    to_process.current_default_process_limiter().total_tokens = workers
    await _run_in_each(workers, _load)


async def keep_warm(workers: int) -> None:
    """Ping idle children until cancelled; a killed child is replaced by a warm one."""
    while True:
        await anyio.sleep(PING_SECONDS)
        free = to_process.current_default_process_limiter().available_tokens
        try:
            await _run_in_each(min(workers, int(free)), _load)
        except ExceptionGroup:
            log.warning("a child process could not be warmed up", exc_info=True)


async def _run_in_each(count: int, function: Callable[[], None]) -> None:
    async with anyio.create_task_group() as group:
        for _ in range(count):
            group.start_soon(processes.run, function)


def _load() -> None:
    """Import and exercise the audio modules, once per child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends its children
    if not _loaded:
        studio.warm_up()
        _loaded.append(True)
    time.sleep(OVERLAP_SECONDS)


_loaded: list[bool] = []
"""Not empty once this child is warm."""
