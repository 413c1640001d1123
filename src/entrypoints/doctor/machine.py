"""This machine and what was set on it."""

import shutil
import tempfile
from pathlib import Path
from typing import Final

from anyio import to_thread

from entrypoints.doctor.report import ProbeResult, Report, Verdict, failed
from entrypoints.settings import MEGABYTE, Settings

COMFORTABLE: Final = 2_000 * MEGABYTE
"""Bytes free for recordings and music of a while."""

DEFAULT_VOICE: Final = Settings().voice_id


async def check_settings(settings: Settings, report: Report) -> None:
    """Say what was read, what the defaults are, and what was set in vain."""
    parts = {
        "DATABASE_URL": settings.database,
        "DATABASE_DIRECT_URL": settings.database_direct,
        "DO_SPACES_*": settings.spaces,
        "MCP_BASE_URL": settings.mcp_url,
    }
    named = ", ".join(name for name, value in parts.items() if value)
    report.add("settings", ProbeResult(f"{named or 'nothing'} configured; what is not is embedded by `moment up`"))
    voice = "the default" if settings.voice_id == DEFAULT_VOICE else "ELEVENLABS_DEFAULT_VOICE_ID"
    report.add("voice", ProbeResult(f"{settings.voice_id} ({voice}) where a blueprint names none"))
    if settings.ignored:
        seen = f"{', '.join(settings.ignored)}: the queue lives in Postgres now"
        report.add("ignored", ProbeResult(seen, Verdict.WARN, "remove them when nothing else reads them"))


async def check_folder(settings: Settings, report: Report) -> None:
    """Check the folder of what is embedded, if anything is."""
    if settings.database is not None and settings.spaces is not None:
        return

    async def look() -> ProbeResult:
        return await to_thread.run_sync(_check_space, settings.data_dir.resolve(), settings.max_upload_bytes)

    def explain(error: Exception) -> ProbeResult:
        return failed(error, "let MOMENT_DATA_DIR be a folder that this user may make and write to")

    await report.check("data folder", look, explain)


def _check_space(folder: Path, largest: int) -> ProbeResult:
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    with tempfile.TemporaryFile(dir=existing):  # asking the file system: permission bits do not tell all
        free = shutil.disk_usage(existing).free
    state = "" if existing == folder else ", to be made"
    return space_result(f"{folder}{state}, {free / 1e9:.1f} GB free", free, largest)


def space_result(seen: str, free: int, largest: int) -> ProbeResult:
    """Return what the free space, in bytes, means where one upload may have `largest`."""
    fix = "make room, or move MOMENT_DATA_DIR to another disk"
    if free < largest:
        return ProbeResult(f"{seen}: less than one upload may have", Verdict.FAIL, fix)
    return ProbeResult(seen, Verdict.WARN, fix) if free < COMFORTABLE else ProbeResult(seen)
