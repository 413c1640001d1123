"""Render the instrumental stem, stems of its parts, and the score as MIDI and as a lead sheet."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

import anyio
import msgspec
from anyio import to_thread

from application.ports.performers import Band
from application.ports.tools import ToolResult
from application.ports.transfers import Progress, Transfers
from application.studio.delivery import deliver, deliver_extra, measured
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.briefing import brief_of
from domain.blueprints.metadata import read_soundfont
from domain.jobs.artifacts import PART_NAMES, PART_TYPES, MediaType
from domain.music.composition.arrangement import compose
from domain.music.score import PartGroup, Score


class NotationUrls(msgspec.Struct, frozen=True, kw_only=True):
    """Where the score is to be uploaded, as MIDI and as MusicXML; empty where it is not wanted."""

    midi: str = ""
    lead_sheet: str = ""


class PartUrls(msgspec.Struct, frozen=True, kw_only=True):
    """Where stems of parts are to be uploaded, as FLAC or Opus; those without a URL are not made."""

    urls: Mapping[PartGroup, str] = {}
    media_type: MediaType = MediaType.FLAC

    @classmethod
    def of(cls, urls: Mapping[str, object], suffix: str) -> Self:
        """Return the URLs by the names of groups that have one, of the media type whose files end with a suffix."""
        wanted = {group: str(urls[group]) for group in PartGroup if urls.get(group)}
        return cls(urls=wanted, media_type=next(each for each in PART_TYPES.values() if each.suffix == suffix))

    def files(self, folder: Path, score: Score) -> dict[PartGroup, Path]:
        """Return a file for each part that is wanted and has notes."""
        return {group: folder / f"{group}.{self.media_type.suffix}" for group in score.groups if group in self.urls}


NO_PARTS: Final = PartUrls()


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
        part_urls: PartUrls = NO_PARTS,
        progress: Progress,
    ) -> ToolResult:
        """Deliver the stem as FLAC, and score and parts to the URLs that are given.

        Raises:
            InvalidBlueprint: `metadata.analysis` is not a valid analysis.
            SoundFontMissing: The band has not the SoundFont that the blueprint names.
            EncodingFailed: The stem or a part could not be encoded.
            TransferFailed: An upload failed.
        """
        self._band.require(soundfont := read_soundfont(blueprint.metadata))
        score = await to_thread.run_sync(compose, brief_of(blueprint, kind))
        await progress(0.1)
        async with self._transfers.workspace() as folder:
            stem, parts = folder / "instrumental.flac", part_urls.files(folder, score)
            extras = dict[str, int]()
            try:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self._notate, score, folder, notation_urls, extras)
                    report = await self._band.play(score, stem, parts, soundfont=soundfont)
            except ExceptionGroup as failures:
                raise failures.exceptions[0] from failures
            await progress(0.9)
            for group, file in parts.items():
                url = part_urls.urls[group]
                extras[PART_NAMES[group]] = await deliver_extra(self._transfers, file, url, part_urls.media_type)
            delivery = await deliver(self._transfers, stem, upload_url, MediaType.FLAC)
        played = {"chords": score.progression, "form": score.form, "harmony": score.harmony}
        return msgspec.structs.replace(delivery, detail=measured(report), extras=extras, **played)

    async def _notate(self, score: Score, folder: Path, urls: NotationUrls, sizes: dict[str, int]) -> None:
        """Upload the score as it is wanted, while the band plays it, and note the sizes by name."""
        if not (urls.midi or urls.lead_sheet):
            return
        midi, lead_sheet = folder / "melody.mid", folder / "lead_sheet.musicxml"
        await self._band.notate(score, midi, lead_sheet)
        for name, file, url, mime_type in (
            ("melody", midi, urls.midi, MediaType.MIDI),
            ("lead_sheet", lead_sheet, urls.lead_sheet, MediaType.MUSICXML),
        ):
            if url:
                sizes[name] = await deliver_extra(self._transfers, file, url, mime_type)
