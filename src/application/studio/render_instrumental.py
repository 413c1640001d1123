"""Render the instrumental stem, and the score as MIDI and as a lead sheet."""

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


class NotationUrls(msgspec.Struct, frozen=True, kw_only=True):
    """Where the score is to be uploaded, as MIDI and as MusicXML; empty where it is not wanted."""

    midi: str = ""
    lead_sheet: str = ""


class RenderInstrumental:
    """Compose, then play."""

    def __init__(self, transfers: Transfers, band: Band) -> None:
        self._transfers = transfers
        self._band = band

    async def __call__(
        self,
        blueprint: Blueprint,
        kind: OutputKind,
        *,
        upload_url: str,
        notation_urls: NotationUrls,
        progress: Progress,
    ) -> ToolResult:
        """Deliver the stem as FLAC, and the score to those of `notation_urls` that are given.

        Raises:
            InvalidBlueprint: `metadata.analysis` is not a valid analysis.
            TransferFailed: An upload failed.
        """
        score = await to_thread.run_sync(compose, brief_of(blueprint, kind))
        await progress(0.1)
        async with self._transfers.workspace() as folder:
            extras = await self._notate(score, folder, notation_urls)
            await progress(0.15)
            stem = folder / "instrumental.flac"
            report = await self._band.play(score, stem)
            await progress(0.9)
            delivery = await deliver(self._transfers, stem, upload_url, MediaType.FLAC)
        return msgspec.structs.replace(delivery, detail=measured(report), extras=extras, chords=score.progression)

    async def _notate(self, score: Score, folder: Path, urls: NotationUrls) -> dict[str, int]:
        """Upload the score as it is wanted; return the sizes by name."""
        if not (urls.midi or urls.lead_sheet):
            return {}
        midi, lead_sheet = folder / "melody.mid", folder / "lead_sheet.musicxml"
        await self._band.notate(score, midi, lead_sheet)
        sizes = {}
        for name, file, url, mime_type in (
            ("melody", midi, urls.midi, MediaType.MIDI),
            ("lead_sheet", lead_sheet, urls.lead_sheet, MediaType.MUSICXML),
        ):
            if url:
                await self._transfers.upload(file, url, mime_type)
                sizes[name] = (await anyio.Path(file).stat()).st_size
        return sizes
