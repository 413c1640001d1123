"""What the machine gives to the child processes that compute."""

import os
from typing import Final

THREAD_SETTINGS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def limit_threads() -> None:
    """Limit numeric libraries to one thread per child: more compete for the same cores. Call before they start."""
    for name in THREAD_SETTINGS:
        os.environ.setdefault(name, "1")


def available_cores() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
