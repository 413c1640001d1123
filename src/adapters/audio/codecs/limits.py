"""Bounds on what decoding one recording may take: memory and processor time.

A file of a kilobyte can declare forty million samples, and FFmpeg reserves memory for them. Two rings hold it. The
inner one counts in Python, while the file is read and between blocks, and refuses the recording. The outer one is the
operating system's: an allocation beyond it fails, and too much processor time ends the process with SIGXCPU. Both are
relative to what the process has used already, because the process lives on and decodes many recordings.
"""

import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from domain.errors import BadAudio

try:
    import resource
except ImportError:  # pragma: no cover - Windows has no such bounds; the inner ring holds there as well
    resource = None  # type: ignore[assignment]

MEMORY_BYTES: Final = 512 * 1024 * 1024
"""On top of what the process has. 120 s at 192 kHz take less than 300 MB."""

CPU_SECONDS: Final = 10.0
"""Counted. 120 s of any format that we know take less than two."""

KILL_SECONDS: Final = 8
"""Processor time beyond `CPU_SECONDS` at which the kernel ends the process, whatever it is doing."""

_PROFILING_CLOCK: Final = -8
"""The processor time of this process as Linux counts it for `RLIMIT_CPU`: by ticks, `CPUCLOCK_PROF`. It may run a tenth
faster than that of the scheduler, which `time.process_time` is: over the minutes of a warm process, many seconds.
Source: Linux, `include/linux/posix-timers_types.h`."""


def too_costly(cause: str) -> BadAudio:
    """Return the refusal of a recording whose decoding takes too much."""
    return BadAudio(f"decoding the recording takes too much {cause}", code="decoding_limit")


class CpuBudget:
    """The processor time that is left to one recording."""

    def __init__(self, seconds: float = CPU_SECONDS) -> None:
        self._end = time.process_time() + seconds

    def check(self) -> None:
        """Raise `BadAudio` with `decoding_limit` if it is used up."""
        if time.process_time() > self._end:
            raise too_costly("processor time")


@contextmanager
def bounded(memory_bytes: int = MEMORY_BYTES, cpu_seconds: float = CPU_SECONDS) -> Iterator[CpuBudget]:
    """Bound this process for the duration of the block, and yield the budget to be checked meanwhile.

    Raises:
        BadAudio: `decoding_limit`: the memory did not suffice.
    """
    memory = _lowered("RLIMIT_DATA", _data_bytes() + memory_bytes) if _data_bytes() else None
    cpu = _lowered("RLIMIT_CPU", math.ceil(_limited_seconds() + cpu_seconds + KILL_SECONDS))
    try:
        yield CpuBudget(cpu_seconds)
    except MemoryError as error:
        raise too_costly("memory") from error
    finally:
        for kind, limits in filter(None, (memory, cpu)):
            resource.setrlimit(kind, limits)


def _lowered(name: str, soft: int) -> tuple[int, tuple[int, int]] | None:
    """Set a soft limit and return what to restore; None where it stays as it is, since it is lower already."""
    kind = getattr(resource, name, None)
    if kind is None:
        return None
    before = resource.getrlimit(kind)
    if any(bound != resource.RLIM_INFINITY and bound <= soft for bound in before):
        return None
    resource.setrlimit(kind, (soft, before[1]))
    return kind, before


def _limited_seconds() -> float:
    """Return the processor time of this process on the clock that the kernel compares with `RLIMIT_CPU`."""
    try:
        return time.clock_gettime(_PROFILING_CLOCK)
    except (AttributeError, OSError):  # not Linux
        return time.process_time()


def _data_bytes() -> int:
    """Return the private writable memory of this process as the kernel counts it, 0 where it does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[5]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
