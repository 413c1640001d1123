"""What runs in a child process: it reads calls from its standard input, and writes their outcomes to its output.

A cancelled call is stopped by a signal, which raises `Stopped` between two steps of Python. Code that waits inside a
library sees it when the library returns; the parent sends the signal again for what swallowed it, and kills at last.
"""

import os
import pickle
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, BinaryIO, Final

try:
    import resource
except ImportError:  # pragma: no cover - Windows
    resource = None  # type: ignore[assignment]

HEADER_BYTES: Final = 8
"""Every message is preceded by its length, big-endian."""

STOP_SIGNAL: Final = getattr(signal, "SIGUSR1", signal.SIGTERM)


class Stopped(BaseException):
    """The caller has cancelled the call. No error: code that handles errors must not stop it."""


class _Call:
    """The call that is being computed, if any: what the signal may interrupt.

    Attributes:
        held: Whether it may not just now.
        cancelled: Whether it came then.
    """

    running = False
    held = False
    cancelled = False


def _stop(_signal: int, _frame: FrameType | None) -> None:
    _Call.cancelled = _Call.running
    if _Call.running and not _Call.held:
        raise Stopped


@contextmanager
def unstopped() -> Iterator[None]:
    """Let no signal interrupt the block, which may hold locks that another thread waits for; it counts at the end."""
    _Call.held = True
    try:
        yield
    finally:
        _Call.held = False
        if _Call.cancelled:
            raise Stopped


def main() -> None:
    """Serve calls until the parent closes the pipe."""
    for number in (signal.SIGINT, signal.SIGTERM):  # Ctrl-C and systemd reach the children, too; their parent ends them
        signal.signal(number, signal.SIG_IGN)
    signal.signal(STOP_SIGNAL, _stop)
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # an image of the whole process for every crash
    limits = _limits()
    calls, outcomes = _take_pipes()
    while len(header := calls.read(HEADER_BYTES)) == HEADER_BYTES:
        outcome = _outcome(calls.read(int.from_bytes(header, "big")))
        for kind, bounds in limits.items():
            resource.setrlimit(kind, bounds)  # a call that was stopped may not have come to it
        outcomes.write(len(outcome).to_bytes(HEADER_BYTES, "big") + outcome)
        outcomes.flush()


def _limits() -> dict[int, tuple[int, int]]:
    """Return the limits that a call may set for itself."""
    kinds = [getattr(resource, name, None) for name in ("RLIMIT_DATA", "RLIMIT_CPU")]
    return {kind: resource.getrlimit(kind) for kind in kinds if kind is not None}


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return the pipes to the parent, and leave nothing of them to libraries that read or print."""
    calls, outcomes = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 - open for as long as the process lives
    return calls, outcomes


def _outcome(request: bytes) -> bytes:
    """Return whether the call succeeded, and its result or its error; pickled."""
    outcome: tuple[bool, Any]
    try:
        outcome = True, _compute(request)
    except BaseException as error:  # noqa: BLE001 - the parent raises it
        outcome = False, error
    try:
        return pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - a result that cannot cross
        return pickle.dumps((False, RuntimeError(f"the outcome cannot be pickled: {error}")))


def _compute(request: bytes) -> Any:
    function, args = pickle.loads(request)  # noqa: S301 - our parent's
    try:
        _Call.running, _Call.cancelled = True, False
        return function(*args)
    finally:
        _Call.running = _Call.cancelled = False
