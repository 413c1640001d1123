"""All checks, side by side."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

import anyio

from entrypoints.doctor.database import examine_database
from entrypoints.doctor.machine import examine_folder, examine_settings
from entrypoints.doctor.redaction import Redactor
from entrypoints.doctor.report import Chart, Finding
from entrypoints.doctor.service import examine_service
from entrypoints.doctor.storage import examine_storage, examine_storage_clock
from entrypoints.doctor.tools import examine_tools
from entrypoints.settings import Settings

SECONDS: Final = 5.0
"""For each check, at most."""

PARTS: Final[tuple[Callable[[Settings, Chart], Coroutine[Any, Any, None]], ...]] = (
    examine_settings,
    examine_folder,
    examine_database,
    examine_storage,
    examine_storage_clock,
    examine_tools,
    examine_service,
)
"""In the order of the report; none waits for another."""


class Examination:
    """One visit to the doctor."""

    def __init__(self, settings: Settings, redact: Redactor, seconds: float = SECONDS) -> None:
        self._settings = settings
        self._charts = [Chart(redact, seconds) for _ in PARTS]

    async def run(self) -> list[Finding]:
        """Examine every part; what was begun is undone when cancelled."""
        async with anyio.create_task_group() as group:
            for part, chart in zip(PARTS, self._charts, strict=True):
                group.start_soon(part, self._settings, chart)
        return [finding for chart in self._charts for finding in chart.findings]

    def examining(self) -> list[str]:
        """Return the checks that run now."""
        return [chart.examining for chart in self._charts if chart.examining]
