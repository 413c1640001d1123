"""This machine and its settings."""

import shutil
import tempfile
from pathlib import Path
from typing import Final

from anyio import to_thread

from adapters.audio.sampling.soundfont import find_soundfont
from entrypoints.doctor.report import ProbeResult, Report, Verdict, failed
from entrypoints.settings import MEGABYTE, Settings, reasons_to_ignore

COMFORTABLE: Final = 2_000 * MEGABYTE
"""Free bytes below which a warning is due."""

DEFAULT_VOICE: Final = Settings().voice_id


async def check_settings(settings: Settings, report: Report) -> None:
    """Report what is configured, the default voice, and variables that are ignored."""
    parts = {
        "DATABASE_URL": settings.database,
        "DATABASE_DIRECT_URL": settings.database_direct,
        "DO_SPACES_*": settings.spaces,
        "MCP_BASE_URL": settings.mcp_url,
    }
    named = ", ".join(name for name, value in parts.items() if value)
    report.add("settings", ProbeResult(f"{named or 'nothing'} configured; the rest is embedded by `moment up`"))
    voice = "the default" if settings.voice_id == DEFAULT_VOICE else "ELEVENLABS_DEFAULT_VOICE_ID"
    report.add("voice", ProbeResult(f"{settings.voice_id} ({voice}) for blueprints without a voice"))
    if settings.ignored:
        seen = reasons_to_ignore(settings.ignored)
        report.add("ignored", ProbeResult(seen, Verdict.WARN, "remove them if nothing else reads them"))
    if settings.links:
        report.add("service links", ProbeResult(f"{', '.join(settings.links)}: ignored, they are no settings"))
    for found in settings.unknown:
        fix = f"set {found.nearest} instead" if found.nearest else "remove it; docs/settings.md has all names"
        report.add(found.name, ProbeResult("is no setting, and has no effect", Verdict.WARN, fix))


async def check_soundfont(settings: Settings, report: Report) -> None:
    """Check the SoundFont that is named, if one is."""
    path = settings.soundfont
    if path is None:
        return

    async def look() -> ProbeResult:
        found = await to_thread.run_sync(find_soundfont, path)
        return ProbeResult(f"{path}, SHA-256 {found.sha256}")

    def explain(error: Exception) -> ProbeResult:
        fix = "name a General MIDI SoundFont in MOMENT_SOUNDFONT, or unset it"
        return ProbeResult(f"{path} {error}", Verdict.FAIL, fix)

    await report.check("soundfont", look, explain)


async def check_folder(settings: Settings, report: Report) -> None:
    """Check the folder of the embedded parts, if there are any."""
    if settings.database is not None and settings.spaces is not None:
        return

    async def look() -> ProbeResult:
        return await to_thread.run_sync(_check_space, settings.data_dir.resolve(), settings.max_upload_bytes)

    def explain(error: Exception) -> ProbeResult:
        return failed(error, "set MOMENT_DATA_DIR to a folder that this user may create and write to")

    await report.check("data folder", look, explain)


def _check_space(folder: Path, largest: int) -> ProbeResult:
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    with tempfile.TemporaryFile(dir=existing):  # a real file: permission bits do not tell everything
        free = shutil.disk_usage(existing).free
    state = "" if existing == folder else ", not created yet"
    return space_result(f"{folder}{state}, {free / 1e9:.1f} GB free", free, largest)


def space_result(seen: str, free: int, largest: int) -> ProbeResult:
    """Return the result for free space, in bytes; `largest` is the size of the largest upload."""
    fix = "free some space, or move MOMENT_DATA_DIR to another disk"
    if free < largest:
        return ProbeResult(f"{seen}: less than one upload may need", Verdict.FAIL, fix)
    return ProbeResult(seen, Verdict.WARN, fix) if free < COMFORTABLE else ProbeResult(seen)
