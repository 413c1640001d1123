"""Make a format of finished music: master its stems again, so that a lossless format loses nothing."""

import logging
from contextlib import suppress
from typing import Final

from application.ports.conversions import Conversion, Conversions
from application.ports.jobs import JobNotFound, JobRepository
from application.ports.objects import ObjectNotFound, ObjectStore, UrlSigner
from application.ports.tools import MusicTools, ToolFailed, ToolResult
from application.worker.stem_urls import stem_urls
from domain.jobs.artifacts import Artifact, MediaType
from domain.jobs.formats import can_be_converted
from domain.jobs.job import Job
from domain.jobs.keys import conversion_prefix, result_key
from domain.jobs.output_formats import MEDIA_TYPES, converted_name

log: Final = logging.getLogger(__name__)


class ConvertMusic:
    """Has the music tools master stems that are stored, and adds the result to the job."""

    def __init__(
        self, conversions: Conversions, jobs: JobRepository, tools: MusicTools, store: ObjectStore, urls: UrlSigner
    ) -> None:
        self._conversions = conversions
        self._jobs = jobs
        self._tools = tools
        self._store = store
        self._urls = urls

    async def __call__(self, conversion: Conversion) -> None:
        """Make the format; nothing is left of it if the moment is deleted meanwhile, or another worker has it.

        Raises:
            ToolFailed, ToolsUnavailable, StorageUnavailable, StorageDenied, DatabaseUnavailable: As the ports do.
        """
        prefix, done = conversion_prefix(conversion.job_id, conversion.attempt), False
        with suppress(JobNotFound):
            job = (await self._jobs.get(conversion.job_id)).job
            artifact = await self._made(job, conversion, prefix)
            done = await self._conversions.finish(conversion, artifact)
        if not done:
            log.info("%s of the job %s is not wanted any more", conversion.output_format, conversion.job_id)
            await self.discard(conversion)

    async def discard(self, conversion: Conversion) -> None:
        """Remove what was made of a format that nobody wants any more, or that another worker makes.

        Raises:
            StorageUnavailable, StorageDenied: The sweep will find it.
        """
        await self._store.delete(conversion_prefix(conversion.job_id, conversion.attempt))

    async def _made(self, job: Job, conversion: Conversion, prefix: str) -> Artifact:
        if conversion.output_format not in MEDIA_TYPES:
            raise _impossible(f"this version does not know {conversion.output_format}")
        if job.blueprint is None or not can_be_converted(job):
            raise _impossible("the music has no stems")
        media_type = MEDIA_TYPES[conversion.output_format]
        key = result_key(prefix, converted_name(conversion.output_format), media_type)
        result = await self._tools.mix(
            job.request.output_kind,
            job.blueprint,
            stems=await stem_urls(job, self._urls),
            targets={"audio": await self._urls.sign_put(key, media_type)},
            progress=lambda _: None,
            output_format=conversion.output_format,
        )
        return await self._stored(result, key, media_type)

    async def _stored(self, result: ToolResult, key: str, media_type: MediaType) -> Artifact:
        """Return the pointer to what a tool made."""
        if result.mime_type != media_type:
            raise _impossible(f"the tool made {result.mime_type} instead of {media_type}")
        try:
            stored = await self._store.stat(key)
        except ObjectNotFound as error:
            raise ToolFailed("the tool reported an upload that is not there", code="result_invalid") from error
        return Artifact(key=key, size=stored.size, mime_type=media_type, sha256=stored.sha256 or result.sha256)


def _impossible(message: str) -> ToolFailed:
    return ToolFailed(message, code="format_unavailable", permanent=True)
