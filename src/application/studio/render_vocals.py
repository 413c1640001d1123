"""Render the vocals stem: the score, sung with the hummer's own voice."""

import msgspec
from anyio import to_thread

from application.ports.performers import MelodyPicture, Singer
from application.ports.speech import Speaker
from application.ports.tools import ToolResult
from application.ports.transfers import Progress, Transfers
from application.studio.analyze_hum import MAX_RECORDING_BYTES
from application.studio.delivery import deliver, deliver_extra, measured
from application.studio.spoken_lyrics import spoken_lyrics
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.briefing import brief_of
from domain.blueprints.metadata import read_analysis
from domain.jobs.artifacts import MediaType, Picture
from domain.music.composition.arrangement import compose


class RenderVocals:
    """Compose, have the lyrics spoken where they are sung, then sing."""

    def __init__(self, transfers: Transfers, singer: Singer, speaker: Speaker) -> None:
        self._transfers = transfers
        self._singer = singer
        self._speaker = speaker

    async def __call__(
        self,
        blueprint: Blueprint,
        kind: OutputKind,
        *,
        audio_url: str,
        upload_url: str,
        picture_url: str = "",
        progress: Progress,
    ) -> ToolResult:
        """Deliver the stem as FLAC, and the picture of what was heard if there is a URL for it and an analysis.

        Where the lyrics could not be sung, the result says so in a warning.

        Raises:
            BadAudio: The recording cannot be decoded.
            InvalidBlueprint: `metadata.analysis` is not a valid analysis.
            TransferFailed: The recording could not be downloaded, or the stem could not be uploaded.
        """
        async with self._transfers.workspace() as folder:
            recording, stem = folder / "recording", folder / "vocals.flac"
            await self._transfers.download(audio_url, recording, MAX_RECORDING_BYTES)
            await progress(0.1)
            score = await to_thread.run_sync(compose, brief_of(blueprint, kind))
            await progress(0.2)
            speech, warnings = await spoken_lyrics(self._speaker, score, folder / "speech")
            analysis = read_analysis(blueprint.metadata) if picture_url else None
            picture = MelodyPicture(analysis, folder / "picture.svg") if analysis else None
            report = await self._singer.sing(recording, score, stem, speech=speech, picture=picture)
            await progress(0.9)
            extras = {}
            if picture:
                extras[Picture.MELODY] = await deliver_extra(self._transfers, picture.out, picture_url, MediaType.SVG)
            delivery = await deliver(self._transfers, stem, upload_url, MediaType.FLAC)
        return msgspec.structs.replace(delivery, detail=measured(report), extras=extras, warnings=warnings)
