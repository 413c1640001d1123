"""Make a format of finished music or of a stem.

The music is mastered again of its stems, so that a lossless format loses nothing; a stem is encoded as it is.
"""

import logging
from contextlib import suppress
from typing import Final

from application.ports.conversions import Conversion, Conversions
from application.ports.jobs import JobNotFound, JobRepository
from application.ports.objects import ObjectNotFound, ObjectStore, UrlSigner
from application.ports.tools import FileEncoder, MusicTools, ToolFailed, ToolName, ToolResult
from application.worker.stem_urls import stem_urls
from domain.jobs.artifacts import FINAL, Artifact, MediaType
from domain.jobs.conversions import FileFormat, ordered
from domain.jobs.formats import can_be_converted, file_of
from domain.jobs.job import Job
from domain.jobs.keys import conversion_prefix, result_key
from domain.jobs.output_formats import MEDIA_TYPES

log: Final = logging.getLogger(__name__)


class ConvertMusic:
    """Has the music tools master or encode stems that are stored, and adds the result to the job."""

    def __init__(
        self,
        conversions: Conversions,
        jobs: JobRepository,
        tools: MusicTools,
        store: ObjectStore,
        urls: UrlSigner,
        *,
        encoder: FileEncoder,
    ) -> None:
        self._conversions = conversions
        self._jobs = jobs
        self._tools = tools
        self._encoder = encoder
        self._store = store
        self._urls = urls

    async def __call__(self, conversion: Conversion) -> None:
        """Make the format; nothing is left of it if the moment is deleted meanwhile, or another worker has it.

        Raises:
            ToolFailed, ToolsUnavailable, StorageUnavailable, StorageDenied, DatabaseUnavailable: As the ports do.
        """
        done = False
        with suppress(JobNotFound):
            job = (await self._jobs.get(conversion.job_id)).job
            artifact = await self._made(job, conversion)
            done = await self._conversions.finish(conversion, artifact)
        if not done:
            log.info("%s of the job %s is not wanted any more", conversion.order, conversion.job_id)
            await self.discard(conversion)

    async def discard(self, conversion: Conversion) -> None:
        """Remove what was made of a format that nobody wants any more, or that another worker makes.

        Raises:
            StorageUnavailable, StorageDenied: The sweep will find it.
        """
        if wanted := ordered(conversion.order):
            await self._store.delete(_key(conversion, wanted))  # other formats may be beside it

    async def _made(self, job: Job, conversion: Conversion) -> Artifact:
        if (wanted := ordered(conversion.order)) is None:
            raise _impossible(f"this version does not know {conversion.order}")
        if not can_be_converted(job, wanted.file):
            raise _impossible(f"the music has no stem of which {conversion.order} could be made")
        key, media_type = _key(conversion, wanted), MEDIA_TYPES[wanted.output_format]
        target = await self._urls.sign_put(key, media_type)
        make = self._mastered if wanted.file == FINAL else self._encoded
        return await self._stored(await make(job, wanted, target), key, media_type)

    async def _mastered(self, job: Job, wanted: FileFormat, target: str) -> ToolResult:
        if job.blueprint is None:
            raise _impossible("the music has no blueprint")
        return await self._tools.mix(
            job.request.output_kind,
            job.blueprint,
            stems=await stem_urls(job, self._urls),
            targets={"audio": target},
            progress=lambda _: None,
            output_format=wanted.output_format,
        )

    async def _encoded(self, job: Job, wanted: FileFormat, target: str) -> ToolResult:
        if (stem := file_of(job, wanted.file)) is None or not await self._tools.offers(ToolName.ENCODE_AUDIO):
            raise _impossible(f"the tool server does not offer {ToolName.ENCODE_AUDIO}")
        url = await self._urls.sign_get(stem.key)
        return await self._encoder.encode(url, target=target, output_format=wanted.output_format)

    async def _stored(self, result: ToolResult, key: str, media_type: MediaType) -> Artifact:
        """Return the pointer to what a tool made."""
        if result.mime_type != media_type:
            raise _impossible(f"the tool made {result.mime_type} instead of {media_type}")
        try:
            stored = await self._store.stat(key)
        except ObjectNotFound as error:
            raise ToolFailed("the tool reported an upload that is not there", code="result_invalid") from error
        return Artifact(key=key, size=stored.size, mime_type=media_type, sha256=stored.sha256 or result.sha256)


def _key(conversion: Conversion, wanted: FileFormat) -> str:
    prefix = conversion_prefix(conversion.job_id, conversion.attempt)
    return result_key(prefix, wanted.name, MEDIA_TYPES[wanted.output_format])


def _impossible(message: str) -> ToolFailed:
    return ToolFailed(message, code="format_unavailable", permanent=True)
