"""Render the instrumental stem, and the score as a MIDI file."""

from pathlib import Path

import anyio
import msgspec
from anyio import to_thread

from application.ports.performers import Band
from application.ports.tools import ToolResult
from application.ports.transfers import Progress, Transfers
from application.studio.delivery import deliver, measured
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.briefing import brief_of
from domain.jobs.artifacts import MediaType
from domain.music.composition.arrangement import compose
from domain.music.model import Score


class RenderInstrumental:
    """Compose, then play."""

    def __init__(self, transfers: Transfers, band: Band) -> None:
        self._transfers = transfers
        self._band = band

    async def __call__(
        self, blueprint: Blueprint, kind: OutputKind, *, upload_url: str, melody_upload_url: str, progress: Progress
    ) -> ToolResult:
        """Deliver the stem as FLAC, and the score to `melody_upload_url` where one is given.

        Raises:
            InvalidBlueprint: `metadata.analysis` is not a valid analysis.
            TransferFailed: An upload failed.
        """
        score = await to_thread.run_sync(compose, brief_of(blueprint, kind))
        await progress(0.1)
        async with self._transfers.workspace() as folder:
            extras = await self._notate(score, folder / "melody.mid", melody_upload_url) if melody_upload_url else {}
            await progress(0.15)
            stem = folder / "instrumental.flac"
            report = await self._band.play(score, stem)
            await progress(0.9)
            delivery = await deliver(self._transfers, stem, upload_url, MediaType.FLAC)
        return msgspec.structs.replace(delivery, detail=measured(report), extras=extras, chords=score.progression)

    async def _notate(self, score: Score, out: Path, upload_url: str) -> dict[str, int]:
        await self._band.notate(score, out)
        await self._transfers.upload(out, upload_url, MediaType.MIDI)
        return {"melody": (await anyio.Path(out).stat()).st_size}
