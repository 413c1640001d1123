"""An embedded Postgres that is stopped and started again in the middle of things."""

import os
import signal
from contextlib import ExitStack
from pathlib import Path

from adapters.postgres.embedded.server import embedded_postgres


class RestartablePostgres:
    """A server with its safe settings (fsync on), on the same folder and socket after each start. Methods block.

    Attributes:
        url: Where it is, running or not.
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
        """Shut it down: connections are cut, open transactions undone; after a crash not even the log is closed."""
        if crash:
            self._signal(signal.SIGQUIT)
        self._running.close()

    def retire(self) -> None:
        """Begin to shut it down as soon as the last client has gone; nobody new is let in."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        os.kill(int((self._folder / "cluster" / "postmaster.pid").read_text().split()[0]), number)
