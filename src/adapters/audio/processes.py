"""CPU-bound work runs in child processes.

The event loop stays free, two renders use two cores, and a crash ends one call.
"""

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from anyio import to_process

T = TypeVar("T")
Args = TypeVarTuple("Args")


async def run(function: Callable[[*Args], T], *args: *Args) -> T:
    """Call a module-level function in a warm child process; cancelling the call kills that process."""
    return await to_process.run_sync(function, *args, cancellable=True)
