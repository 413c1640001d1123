"""CPU-bound work runs in child processes.

The event loop stays free, two renders use two cores, and a crash ends one call.
"""

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from anyio import BrokenWorkerProcess, to_process

from domain.errors import MomentError

T = TypeVar("T")
Args = TypeVarTuple("Args")


class ChildLost(MomentError):
    """A child process ended in the middle of a call; out of memory, most likely. Another try may work."""

    code = "child_lost"


async def run(function: Callable[[*Args], T], *args: *Args) -> T:
    """Call a module-level function in a warm child process; cancelling the call kills that process.

    Raises:
        ChildLost: The process was killed, by the kernel for one.
    """
    try:
        return await to_process.run_sync(function, *args, cancellable=True)
    except BrokenWorkerProcess as error:
        raise ChildLost("the process that computed the sound was lost") from error
