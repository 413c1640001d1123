"""Runs CPU-bound work in child processes.

The event loop stays responsive, renders use all cores, and a crash ends one call only.
"""

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from anyio import BrokenWorkerProcess, to_process

from domain.errors import MomentError

T = TypeVar("T")
Args = TypeVarTuple("Args")


class ChildLost(MomentError):
    """A child process ended in the middle of a call, most likely out of memory. A retry may succeed."""

    code = "child_lost"


async def run(function: Callable[[*Args], T], *args: *Args) -> T:
    """Call a module-level function in a warm child process; cancelling the call kills that process.

    Raises:
        ChildLost: The process was killed, for example by the kernel.
    """
    try:
        return await to_process.run_sync(function, *args, cancellable=True)
    except BrokenWorkerProcess as error:
        raise ChildLost("the audio process was killed") from error
