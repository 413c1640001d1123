"""Encode a file in another format, as it is: stems for players that need small files."""

import msgspec

from application.ports.mastering import MasteringDesk
from application.ports.tools import ToolResult
from application.ports.transfers import Progress, Transfers
from application.studio.analyze_hum import MAX_RECORDING_BYTES
from application.studio.delivery import deliver
from domain.jobs.output_formats import MEDIA_TYPES, OutputFormat


class EncodeAudio:
    """Fetch a file, encode it, deliver it."""

    def __init__(self, transfers: Transfers, desk: MasteringDesk) -> None:
        self._transfers = transfers
        self._desk = desk

    async def __call__(
        self, audio_url: str, *, upload_url: str, output_format: OutputFormat, progress: Progress
    ) -> ToolResult:
        """Deliver the file in the format, with the same samples.

        Raises:
            StemUnreadable: It is not an audio file.
            EncodingFailed: It could not be encoded.
            TransferFailed: It could not be downloaded, or the result could not be uploaded.
        """
        async with self._transfers.workspace() as folder:
            given, encoded = folder / "given", folder / f"encoded.{output_format.partition('_')[0]}"
            await self._transfers.download(audio_url, given, MAX_RECORDING_BYTES)
            await progress(0.3)
            seconds = await self._desk.encode(given, encoded, output_format)
            await progress(0.9)
            delivery = await deliver(self._transfers, encoded, upload_url, MEDIA_TYPES[output_format])
        return msgspec.structs.replace(delivery, detail={"duration": seconds})
