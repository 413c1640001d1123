"""Finish a moment: mix and master its stems; without an instrumental stem the band plays one."""

from pathlib import Path

import anyio
import msgspec
from anyio import to_thread

from application.ports.mastering import MasteringDesk, WaveformPicture
from application.ports.performers import Band
from application.ports.tools import ToolResult
from application.ports.transfers import Progress, Transfers
from application.studio.analyze_hum import MAX_RECORDING_BYTES
from application.studio.delivery import deliver, deliver_extra, measured
from application.studio.mix_plan import mix_plan
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.briefing import brief_of
from domain.blueprints.metadata import read_soundfont
from domain.jobs.artifacts import MediaType, Picture
from domain.jobs.output_formats import OutputFormat
from domain.music.composition.arrangement import compose
from domain.music.score import Score


class Stems(msgspec.Struct, frozen=True, kw_only=True):
    """URLs of the stems; without an instrumental the band plays one, without vocals there is no voice."""

    vocals_url: str = ""
    instrumental_url: str = ""


class MixAndMaster:
    """Fetch or play the stems, then master their mix."""

    def __init__(self, transfers: Transfers, band: Band, desk: MasteringDesk) -> None:
        self._transfers = transfers
        self._band = band
        self._desk = desk

    async def __call__(
        self,
        blueprint: Blueprint,
        kind: OutputKind,
        *,
        stems: Stems,
        upload_url: str,
        picture_url: str = "",
        output_format: OutputFormat,
        progress: Progress,
    ) -> ToolResult:
        """Deliver the finished file, and the picture of it if there is a URL for it.

        Raises:
            InvalidBlueprint: `metadata.analysis` is not a valid analysis.
            SoundFontMissing: The band has to play, and has not the SoundFont that the blueprint names.
            TransferFailed: A stem could not be downloaded, or the result could not be uploaded.
        """
        soundfont = read_soundfont(blueprint.metadata)
        if not stems.instrumental_url:
            self._band.require(soundfont)
        async with self._transfers.workspace() as folder:
            score = await to_thread.run_sync(compose, brief_of(blueprint, kind))
            vocals, instrumental = await self._gather(score, stems, folder, soundfont)
            await progress(0.3)
            finished = folder / f"moment.{output_format.partition('_')[0]}"
            picture = picture_of(score, folder / "picture.svg") if picture_url else None
            report = await self._desk.master(
                vocals, instrumental, finished, output_format, mix_plan(score), picture=picture
            )
            await progress(0.9)
            extras = {}
            if picture:
                extras[Picture.WAVEFORM] = await deliver_extra(self._transfers, picture.out, picture_url, MediaType.SVG)
            delivery = await deliver(self._transfers, finished, upload_url, report.mime_type)
        return msgspec.structs.replace(delivery, detail=measured(report), extras=extras)

    async def _gather(self, score: Score, stems: Stems, folder: Path, soundfont: str) -> tuple[Path | None, Path]:
        vocals = folder / "vocals" if stems.vocals_url else None
        instrumental = folder / "instrumental.flac"
        try:
            async with anyio.create_task_group() as group:
                if vocals is not None:
                    group.start_soon(self._transfers.download, stems.vocals_url, vocals, MAX_RECORDING_BYTES)
                group.start_soon(self._accompany, score, stems.instrumental_url, instrumental, soundfont)
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        return vocals, instrumental

    async def _accompany(self, score: Score, url: str, out: Path, soundfont: str) -> None:
        if url:
            await self._transfers.download(url, out, MAX_RECORDING_BYTES)
        else:
            await self._band.play(score, out, soundfont=soundfont)


def picture_of(score: Score, out: Path) -> WaveformPicture:
    """Return the picture that is wanted of the music of a score."""
    title = f"{score.style}, {score.key}, {score.tempo_bpm:g} bpm, {score.time_signature}"
    return WaveformPicture(title=title, sections=score.sections, chords=score.chords, out=out)
