"""Workers as the rest of the fleet sees them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from domain.blueprints.blueprint import OutputKind


class WorkerReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker tells about itself.

    Attributes:
        name: No other worker has it.
        slots: How many jobs it runs at once, at most.
        running: How many it runs now.
        waiting_for: By kind of moment, the code of what keeps it from making it; empty if nothing does.
        started_at: Set by the database.
        seen_at: Set by the database.
    """

    name: str
    version: str
    host: str
    slots: int
    running: int
    waiting_for: dict[OutputKind, str] = {}
    started_at: datetime | None = None
    seen_at: datetime | None = None


class WorkerRegistry(Protocol):
    """Which workers there are. Every method may raise `DatabaseUnavailable`."""

    async def report(self, report: WorkerReport) -> None:
        """Store what a worker tells; workers that have been silent for long are forgotten."""

    async def leave(self, name: str) -> None:
        """Forget a worker that stops."""

    async def working(self) -> Sequence[WorkerReport]:
        """Return the workers that reported within the last 30 s, in the order in which they started."""
