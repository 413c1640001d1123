"""What `moment up` supervises: the parts, how they end, and what is said when one ends for good."""

from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from adapters.toolkit.rotating_log import RotatingLog
from domain.errors import MomentError

if TYPE_CHECKING:  # not loaded where Postgres runs elsewhere
    from adapters.postgres.embedded.server import EmbeddedPostgres

LAST_LINES: Final = 12


class Ending(msgspec.Struct, frozen=True):
    """How a part ended by itself.

    Attributes:
        how: A verb phrase, `was killed by signal 9`.
        final: Whether starting it again is pointless.
        killed: Whether something else ended it: a job that crashes its worker, or the kernel when memory ran out.
    """

    how: str
    final: bool = False
    killed: bool = False


class Part(Protocol):
    """A process that can be started again. Attributes: its name, and its log."""

    name: str
    log: RotatingLog

    def ending(self) -> Ending | None:
        """Return how it ended, or None while it runs."""

    def restart(self) -> None:
        """Start it again after it ended.

        Raises:
            MomentError, OSError: It cannot be started now.
        """


class Database:
    """The embedded Postgres as a part."""

    name = "postgres"

    def __init__(self, server: "EmbeddedPostgres") -> None:
        self.log = server.log
        self.restart = server.restart
        self._server = server

    def ending(self) -> Ending | None:
        """Return how it ended, or None while it runs."""
        exit_code = self._server.exit_code()
        return None if exit_code is None else ending_of(exit_code)


class ChildDied(MomentError):
    """A part ended by itself, for good; the message contains the last lines of its log."""

    code = "child_died"

    def __init__(self, part: Part, how: str) -> None:
        head = f"{part.name} {how}; the end of {part.log.path}:"
        super().__init__("\n".join([head, *(f"  {line}" for line in part.log.tail(LAST_LINES))]))


def ending_of(exit_code: int, *, final: bool = False) -> Ending:
    """Return the ending that an exit code stands for; a negative one is the number of a signal."""
    if exit_code < 0:
        return Ending(f"was killed by signal {-exit_code}", final, killed=True)
    return Ending(f"ended with exit code {exit_code}", final)
