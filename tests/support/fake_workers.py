"""The registry of workers in memory."""

from collections.abc import Sequence

from application.ports.workers import WorkerReport
from tests.support.fake_faults import Faults, faulty


class InMemoryWorkers:
    """Port `WorkerRegistry`, of workers that are never silent.

    Attributes:
        reports: By name.
    """

    def __init__(self) -> None:
        self.reports: dict[str, WorkerReport] = {}
        self.faults = Faults()

    @faulty
    async def report(self, report: WorkerReport) -> None:
        self.reports[report.name] = report

    @faulty
    async def leave(self, name: str) -> None:
        self.reports.pop(name, None)

    @faulty
    async def working(self) -> Sequence[WorkerReport]:
        return list(self.reports.values())
