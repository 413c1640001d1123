"""What it means that a child process ended in the middle of a call, by the signal that ended it."""

import signal
from typing import Final

from domain.errors import MomentError

_CRASHES: Final = frozenset(
    getattr(signal, name, 0) for name in ("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGTRAP")
) - {0}
"""Signals with which the system ends what a program did. Behind a SIGKILL may be the memory that others took."""

_TIME_IS_UP: Final = getattr(signal, "SIGXCPU", -1)


class ChildLost(MomentError):
    """A child process ended in the middle of a call, most likely out of memory. A retry may succeed."""

    code = "child_lost"


class ChildCrashed(ChildLost):
    """The call crashed two processes one after the other: it would crash a third."""


class ChildStopped(ChildLost):
    """The process was asked to end (SIGTERM) while it started: later, it leaves that to its parent."""


class OutOfTime(ChildLost):
    """The call used up the processor time that it had set itself, and the kernel ended the process."""


def loss_of(killed_by: int) -> ChildLost:
    """Return the error of a call whose process was ended by a signal, 0 for none."""
    if killed_by == _TIME_IS_UP:
        return OutOfTime("the call took more processor time than it may")
    if killed_by in _CRASHES:
        return ChildCrashed("the call crashed its process")
    if killed_by == signal.SIGTERM:
        return ChildStopped("the audio process was stopped while it started")
    return ChildLost("the audio process was killed")
