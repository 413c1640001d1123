"""All checks, run concurrently."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

import anyio

from entrypoints.doctor.bucket_owner import check_bucket_owner
from entrypoints.doctor.database import check_database
from entrypoints.doctor.environment import check_environment
from entrypoints.doctor.machine import check_folder, check_settings, check_soundfont
from entrypoints.doctor.redaction import Redactor
from entrypoints.doctor.report import Finding, Report
from entrypoints.doctor.service import check_service
from entrypoints.doctor.speech import check_speech
from entrypoints.doctor.storage import check_storage, check_storage_clock
from entrypoints.doctor.tools import check_tools
from entrypoints.settings import Settings

SECONDS: Final = 5.0
"""The default time-out of each check."""

PARTS: Final[tuple[Callable[[Settings, Report], Coroutine[Any, Any, None]], ...]] = (
    check_settings,
    check_environment,
    check_folder,
    check_soundfont,
    check_database,
    check_storage,
    check_storage_clock,
    check_bucket_owner,
    check_tools,
    check_speech,
    check_service,
)
"""In the order of the report; they run concurrently."""


class Checkup:
    """One run of all checks."""

    def __init__(self, settings: Settings, redact: Redactor, seconds: float = SECONDS) -> None:
        self._settings = settings
        self._reports = [Report(redact, seconds) for _ in PARTS]

    async def run(self) -> list[Finding]:
        """Check every part; on cancellation, probe objects are removed."""
        async with anyio.create_task_group() as group:
            for part, report in zip(PARTS, self._reports, strict=True):
                group.start_soon(part, self._settings, report)
        return [finding for report in self._reports for finding in report.findings]

    def checking(self) -> list[str]:
        """Return the names of the running checks."""
        return [report.checking for report in self._reports if report.checking]
