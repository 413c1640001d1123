"""Make the sample of a style: the music tools play it, and it stays in the store."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from application.ports.conversions import Conversion, Conversions
from application.ports.objects import ObjectNotFound, ObjectStore, UrlSigner
from application.ports.tools import MIX_TOOLS, MusicTools, ToolFailed, ToolsUnavailable
from application.samples import SAMPLE_FORMAT, sample_key, style_ordered
from domain.blueprints.sample import KIND, sample_blueprint
from domain.jobs.artifacts import Artifact
from domain.jobs.output_formats import MEDIA_TYPES
from domain.music.styles.registry import STYLES

log: Final = logging.getLogger(__name__)


class MakeSample:
    """Has the music tools play a sample, once.

    Args:
        require_bucket: Raises `WrongBucket` if the store is not the one of the jobs.
    """

    def __init__(
        self,
        conversions: Conversions,
        tools: MusicTools,
        store: ObjectStore,
        urls: UrlSigner,
        require_bucket: Callable[[], Awaitable[None]],
    ) -> None:
        self._conversions = conversions
        self._tools = tools
        self._store = store
        self._urls = urls
        self._require_bucket = require_bucket

    async def __call__(self, conversion: Conversion) -> None:
        """Make the sample that is asked for, unless it is there.

        Raises:
            ToolFailed, ToolsUnavailable, WrongBucket, StorageUnavailable, StorageDenied, DatabaseUnavailable: As the
                ports do. `ToolsUnavailable` too where a worker of another version has to make it.
        """
        if (style := style_ordered(conversion.order)) is None:
            raise ToolsUnavailable(f"{conversion.order} is for workers of another version")
        await self._require_bucket()
        artifact = await self._stored(style) or await self._played(style)
        await self._conversions.finish(conversion, artifact)
        log.info("made the sample of %s, %d bytes", style, artifact.size)

    async def _stored(self, style: str) -> Artifact | None:
        try:
            return await self._store.stat(sample_key(style))
        except ObjectNotFound:
            return None

    async def _played(self, style: str) -> Artifact:
        if not await self._tools.offers(tool := MIX_TOOLS[KIND]):
            raise ToolFailed(f"the tool server does not offer {tool}", code="format_unavailable", permanent=True)
        media_type = MEDIA_TYPES[SAMPLE_FORMAT]
        result = await self._tools.mix(
            KIND,
            sample_blueprint(STYLES[style]),
            stems={},
            targets={"audio": await self._urls.sign_put(sample_key(style), media_type)},
            progress=lambda _: None,
            output_format=SAMPLE_FORMAT,
        )
        if not result.uploaded or (stored := await self._stored(style)) is None:
            raise ToolFailed("the tool uploaded no sample", code="result_invalid")
        return stored
