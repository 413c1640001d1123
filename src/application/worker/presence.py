"""Presence: a worker tells the fleet that it is there, what it does, and what it waits for."""

import logging
from collections.abc import Callable
from typing import Final

import anyio

from application.ports.workers import WorkerRegistry, WorkerReport
from application.worker.dependencies import Dependencies
from domain.errors import MomentError
from domain.jobs.retry import jittered

REPORT_SECONDS: Final = 10.0
"""Between two reports, at most; what is away, or back, is reported at once."""

LEAVE_SECONDS: Final = 2.0
"""How long taking leave may take."""

log: Final = logging.getLogger(__name__)


class Presence:
    """Reports a worker to the registry until it stops.

    Args:
        describe: What to report.
        chance: Uniform random numbers in [0, 1).
    """

    def __init__(
        self,
        registry: WorkerRegistry,
        dependencies: Dependencies,
        describe: Callable[[], WorkerReport],
        chance: Callable[[], float],
    ) -> None:
        self._registry = registry
        self._dependencies = dependencies
        self._describe = describe
        self._chance = chance

    async def run(self) -> None:
        """Report now and then, until cancelled; then take leave."""
        try:
            while True:
                await self._report()
                with anyio.move_on_after(jittered(REPORT_SECONDS, self._chance())):
                    await self._dependencies.changed()
        finally:
            with anyio.move_on_after(LEAVE_SECONDS, shield=True):
                await self._leave()

    async def _report(self) -> None:
        try:
            await self._registry.report(self._describe())
        except MomentError as error:
            log.debug("cannot report to the fleet: %s", error)

    async def _leave(self) -> None:
        try:
            await self._registry.leave(self._describe().name)
        except MomentError as error:
            log.debug("cannot take leave of the fleet: %s", error)
