"""Signals of the supervising process."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class StopEvent(threading.Event):
    """Set by the first signal; later ones stop_now."""

    stop_now: Callable[[], None] = staticmethod(lambda: None)

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.is_set():
            self.stop_now()
        self.set()


@contextmanager
def stop_signals() -> Iterator[StopEvent]:
    """Yield an event that SIGINT and SIGTERM set; the previous handlers return afterwards."""
    stop = StopEvent()
    before = {number: signal.signal(number, stop.on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """Let SIGTERM raise `KeyboardInterrupt` in the block, so that what it started is stopped."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
