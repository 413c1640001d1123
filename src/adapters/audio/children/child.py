"""A child process as its parent sees it."""

import os
import pickle
import signal
import subprocess
import sys
from typing import Any, Final

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from adapters.audio.children.child_main import HEADER_BYTES, STOP_SIGNAL

BOOT: Final = "import sys; sys.path[:] = sys.argv[1:]; from adapters.audio.children.child_main import main; main()"
"""Imports what the parent would import, whatever folder the process was started in."""

ALLOCATOR: Final = {
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 1024 * 1024),
    "MALLOC_TOP_PAD_": str(16 * 1024 * 1024),
    "MALLOC_ARENA_MAX": "1",
}
"""Lets glibc keep the memory of arrays that are freed for those that follow, up to 64 MiB. By default it returns what
is larger than some hundred kilobytes to the kernel, which then fills it with zeros again, page by page. 32 MiB is the
largest threshold that glibc accepts. A second arena, for the second thread, would keep as much again."""

STOP_SECONDS: Final = 2.0
"""A cancelled call that has not ended by itself after so long is killed with its process."""

REPEAT_SECONDS: Final = 0.25
"""The signal to stop is repeated: a library that calls back into Python may have swallowed it."""

SEND_SECONDS: Final = 10.0
END_SECONDS: Final = 5.0


class ChildDied(Exception):
    """The process ended in the middle of a call.

    Attributes:
        signal: What killed it, or 0 if it ended by itself.
    """

    def __init__(self, exit_code: int | None) -> None:
        self.signal = -exit_code if exit_code is not None and exit_code < 0 else 0
        how = signal.Signals(self.signal).name if self.signal else f"exit code {exit_code}"
        super().__init__(f"the child process ended ({how})")


class Child:
    """One child process; it computes one call at a time."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._stdin = _present(process.stdin)
        self._stdout = BufferedByteReceiveStream(_present(process.stdout))
        self._size: int | None = None  # of the outcome, once its header is here

    @classmethod
    async def start(cls) -> "Child":
        """Start a process; it is cold, and imports what its first call needs.

        Raises:
            OSError: The system has no room for it.
        """
        command, pipe = [sys.executable, "-c", BOOT, *sys.path], subprocess.PIPE
        environment = ALLOCATOR | os.environ
        return cls(await anyio.open_process(command, stdin=pipe, stdout=pipe, stderr=None, env=environment))

    @property
    def is_alive(self) -> bool:
        """Whether it still runs, as far as is known."""
        return self._process.returncode is None

    async def call(self, request: bytes) -> tuple[bool, Any]:
        """Return whether the call succeeded, and its result or its error.

        A call that is cancelled stops between two steps; the process is killed if that takes too long.

        Raises:
            ChildDied: It ended meanwhile.
        """
        try:
            await self._send(request)
            return await self._receive()
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True):
                if not await self._stop():
                    await self.kill()
            raise
        except (anyio.IncompleteRead, anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise await self._death() from error

    async def kill(self) -> None:
        """End it, whatever it does."""
        if self.is_alive:
            self._process.kill()
        with anyio.CancelScope(shield=True), anyio.move_on_after(END_SECONDS):
            await self._process.aclose()

    async def _send(self, request: bytes) -> None:
        """Send all of it, also if the caller is cancelled: the process could not make out the next request."""
        with anyio.CancelScope(shield=True), anyio.move_on_after(SEND_SECONDS) as late:
            await self._stdin.send(len(request).to_bytes(HEADER_BYTES, "big") + request)
        if late.cancelled_caught:
            raise anyio.BrokenResourceError

    async def _receive(self) -> tuple[bool, Any]:
        if self._size is None:
            self._size = int.from_bytes(await self._stdout.receive_exactly(HEADER_BYTES), "big")
        outcome = await self._stdout.receive_exactly(self._size)
        self._size = None
        success, result = pickle.loads(outcome)  # noqa: S301 - our child's
        return success, result

    async def _stop(self) -> bool:
        """Ask for the end of the call, and return whether it came."""
        with anyio.move_on_after(STOP_SECONDS):
            while self.is_alive:
                self._process.send_signal(STOP_SIGNAL)
                with anyio.move_on_after(REPEAT_SECONDS):
                    try:
                        await self._receive()
                    except (anyio.IncompleteRead, anyio.BrokenResourceError):
                        return False
                    return True
        return False

    async def _death(self) -> ChildDied:
        with anyio.CancelScope(shield=True), anyio.move_on_after(END_SECONDS):
            await self._process.wait()
        died = ChildDied(self._process.returncode)
        await self.kill()
        return died


def _present(stream: Any) -> Any:
    if stream is None:
        raise AssertionError("the process was started without a pipe")
    return stream
