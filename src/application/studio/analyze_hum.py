"""Analyze a hum: from a recording to its musical analysis."""

from typing import Any, Final

import msgspec
from anyio import to_thread

from application.ports.transcriber import Transcriber
from application.ports.transfers import Progress, Transfers
from domain.music.hum import Analysis
from domain.music.listening.analysis import analyze_notes

MAX_RECORDING_BYTES: Final = 256 * 1024 * 1024


class AnalyzeHum:
    """Transcribe the recording, then analyze its notes."""

    def __init__(self, transfers: Transfers, transcriber: Transcriber) -> None:
        self._transfers = transfers
        self._transcriber = transcriber

    async def __call__(self, audio_url: str, hints: dict[str, Any], progress: Progress) -> Analysis:
        """Return the analysis; `hints` are the blueprint fields that the musician fixed.

        Raises:
            BadAudio: The recording cannot become music.
            TransferFailed: It could not be read.
        """
        async with self._transfers.workspace() as folder:
            recording = folder / "recording"
            await self._transfers.download(audio_url, recording, MAX_RECORDING_BYTES)
            await progress(0.2)
            hearing = await self._transcriber.transcribe(recording)
            await progress(0.8)
        # Pure Python for some tens of milliseconds: a thread lets other calls proceed.
        analysis = await to_thread.run_sync(analyze_notes, hearing.notes, hearing.duration, hints)
        return msgspec.structs.replace(analysis, damage=hearing.damage)
