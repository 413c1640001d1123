"""An embedded Postgres that tests stop and restart while it is in use."""

import os
import signal
from contextlib import ExitStack
from pathlib import Path

from adapters.postgres.embedded.server import embedded_postgres


class RestartablePostgres:
    """A server with its safe settings (fsync on), on the same folder and socket after each start. Methods block.

    Attributes:
        url: Its URL, whether it is running or not.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = ExitStack()
        self.url = ""

    def start(self) -> None:
        """Run it; after a crash this includes recovery."""
        url = self._running.enter_context(embedded_postgres(self._folder))
        assert self.url in {"", url}, "clients would look for it elsewhere"
        self.url = url

    def stop(self, *, crash: bool = False) -> None:
        """Shut it down: connections are closed and open transactions rolled back; a crash skips even the checkpoint."""
        if crash:
            self._signal(signal.SIGQUIT)
        self._running.close()

    def shut_down_smart(self) -> None:
        """Begin a smart shutdown: it waits for the last client to disconnect and accepts no new ones."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        os.kill(int((self._folder / "cluster" / "postmaster.pid").read_text().split()[0]), number)
