"""The stages of the pipeline: one coroutine each, in the order in which a job passes through them."""

from typing import Final

import anyio

from application.ports.objects import ObjectNotFound, ObjectStore, UrlSigner
from application.ports.results import NO_FOLDER, ResultFolder
from application.ports.tools import (
    MIX_TOOLS,
    RENDER_TOOLS,
    Fetcher,
    HeardHum,
    MusicTools,
    ToolFailed,
    ToolName,
    ToolResult,
)
from application.remixing import completed, heard_before
from application.worker.claimed_job import ClaimedJob
from application.worker.provider_errors import blamed_on_request
from application.worker.stem_urls import stem_urls
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.errors import InvalidBlueprint, Problem
from domain.jobs.artifacts import PART_NAMES, Artifact, Checkpoint, MediaType, Picture, Stem
from domain.jobs.keys import result_key
from domain.jobs.output_formats import MEDIA_TYPES, format_of
from domain.jobs.transitions import Analyzed, JobStatus, Mixed, Rendered, Started, StemSettled
from domain.warnings import RequestWarning, WarningCode

Keys = dict[str, tuple[str, MediaType]]
"""Keys and media types of what a tool uploads, by name."""


class Stages:
    """The stages of a job; each starts from the job's present state and records the event that ends it."""

    def __init__(
        self,
        tools: MusicTools,
        store: ObjectStore,
        urls: UrlSigner,
        fetcher: Fetcher,
        voice_id: str,
        *,
        folder: ResultFolder = NO_FOLDER,
    ) -> None:
        self._tools = tools
        self._store = store
        self._urls = urls
        self._fetcher = fetcher
        self._voice_id = voice_id
        self._folder = folder

    async def start(self, claimed: ClaimedJob) -> None:
        """PENDING → ANALYZING, with a draft of the blueprint to show until the hum is analyzed."""
        claimed.record(Started(draft=self._complete(claimed, None, draft=True)))

    async def analyze(self, claimed: ClaimedJob) -> None:
        """ANALYZING → RENDERING: analyze the hum, complete the blueprint, have it validated.

        Raises:
            InvalidBlueprint: The tool server refuses the blueprint.
            ToolsUnavailable, ToolFailed, StorageUnavailable, StorageDenied: As the ports raise them.
        """
        await self._require_mix(claimed.job.request.output_kind)  # before anything is spent on it
        blueprint = self._complete(claimed, await self._listen(claimed))
        with claimed.calling(ToolName.VALIDATE_BLUEPRINT):
            problems = await self._tools.validate_blueprint(blueprint)
        if problems:
            raise InvalidBlueprint([_problem(line) for line in problems])
        claimed.record(Analyzed(blueprint=blueprint))

    async def render(self, claimed: ClaimedJob) -> None:
        """RENDERING → MIXING: both stems at the same time; when one fails, the other is cancelled.

        Raises:
            LeaseLost: Another worker has the job.
            ExceptionGroup: Of `ToolsUnavailable`, `ToolFailed`, `StorageUnavailable`, `StorageDenied`.
        """
        missing = [stem for stem in Stem if stem not in claimed.job.checkpoints]
        async with anyio.create_task_group() as renders:
            for stem in missing[1:]:
                renders.start_soon(self._render_stem, claimed, stem)
            for stem in missing[:1]:  # in this task: a task of its own would cost more than the rest of the group
                await self._render_stem(claimed, stem)
        claimed.record(Rendered())
        await claimed.flush_until_written()  # most of the work is done: a worker that takes over must find it

    async def mix(self, claimed: ClaimedJob) -> None:
        """MIXING → COMPLETED: mix, master, store.

        Raises:
            ToolsUnavailable, ToolFailed, StorageUnavailable, StorageDenied: As the ports raise them.
        """
        kind = claimed.job.request.output_kind
        keys = _mix_keys(claimed)
        await self._require_mix(kind)
        with blamed_on_request(claimed.job.request.blueprint, self._voice_id), claimed.calling(MIX_TOOLS[kind]):
            try:
                result = await self._tools.mix(
                    kind,
                    _blueprint(claimed),
                    stems=await stem_urls(claimed.job, self._urls),
                    targets=await self._targets(keys),
                    progress=claimed.reporter(),
                    output_format=format_of(claimed.job.request.output_format),
                )
            except ToolFailed as error:
                if error.code == "transfer_failed":
                    await self._require_stems(claimed)
                raise
        final = await self._store_result(result, keys["audio"][0])
        claimed.record(Mixed(final, await self._extras(result, keys), _format_warnings(claimed, final)))

    async def _require_mix(self, kind: OutputKind) -> None:
        if not await self._tools.offers(tool := MIX_TOOLS[kind]):
            raise ToolFailed(f"the tool server does not offer {tool}", code="tool_missing")

    def _complete(self, claimed: ClaimedJob, heard: HeardHum | None, *, draft: bool = False) -> Blueprint:
        return completed(claimed.job.id, claimed.job.request, heard, self._voice_id, draft=draft)

    async def _listen(self, claimed: ClaimedJob) -> HeardHum | None:
        if known := heard_before(claimed.job.request):
            return known
        if not await self._tools.offers(ToolName.ANALYZE_HUM):
            return None
        url = await self._urls.sign_get(claimed.job.request.original.key)
        hints = {name: value for name, value in claimed.job.request.blueprint.items() if name != "metadata"}
        with claimed.calling(ToolName.ANALYZE_HUM):
            return await self._tools.analyze_hum(url, hints=hints, progress=claimed.reporter())

    async def _render_stem(self, claimed: ClaimedJob, stem: Stem) -> None:
        started = claimed.clock()
        if not await self._tools.offers(RENDER_TOOLS[stem]):
            claimed.record(StemSettled(stem, Checkpoint(started_at=started, finished_at=claimed.clock())))
            return
        keys, tool = _stem_keys(claimed, stem), RENDER_TOOLS[stem]
        with blamed_on_request(claimed.job.request.blueprint, self._voice_id), claimed.calling(tool):
            result = await self._tools.render_stem(
                stem,
                _blueprint(claimed),
                audio_url=await self._urls.sign_get(claimed.job.request.original.key),
                targets=await self._targets(keys),
                progress=claimed.reporter(stem),
                part_type=claimed.job.request.part_type or MediaType.FLAC,
            )
        checkpoint = Checkpoint(
            artifact=await self._store_result(result, keys["audio"][0]),
            extras=await self._extras(result, keys),
            started_at=started,
            finished_at=claimed.clock(),
            detail=result.detail,
            chords=result.chords,
            warnings=result.warnings,
            form=result.form,
            harmony=result.harmony,
        )
        claimed.record(StemSettled(stem, checkpoint))

    async def _targets(self, keys: Keys) -> dict[str, str]:
        """Return the URLs to which a tool uploads."""
        return {name: await self._urls.sign_put(key, mime_type) for name, (key, mime_type) in keys.items()}

    async def _extras(self, result: ToolResult, keys: Keys) -> dict[str, Artifact]:
        """Return the pointers to the by-products that a tool uploaded."""
        return {name: await self._store.stat(keys[name][0]) for name in result.extras if name in keys}

    async def _require_stems(self, claimed: ClaimedJob) -> None:
        """Return if the stems are stored; one that is not, because a disk was exchanged, must be rendered again."""
        for checkpoint in claimed.job.checkpoints.values():
            if checkpoint.artifact:
                try:
                    await self._store.stat(checkpoint.artifact.key)
                except ObjectNotFound as error:
                    raise ToolFailed("a stem is no longer stored", code="stem_unreadable", permanent=True) from error

    async def _store_result(self, result: ToolResult, key: str) -> Artifact:
        """Return the pointer to a tool's result in our own store; fetch it first if the tool did not upload it."""
        if result.uploaded:
            return await self._confirmed(result, key)
        if result.url and not (result.path and self._folder.is_configured):
            async with self._fetcher.fetch(result.url) as chunks:
                return await self._store.put(key, chunks, result.mime_type)
        async with self._folder.open(result.path) as file:
            return await self._store.put(key, file.chunks, file.mime_type)

    async def _confirmed(self, result: ToolResult, key: str) -> Artifact:
        try:
            stored = await self._store.stat(key)
        except ObjectNotFound as error:
            raise ToolFailed("the tool reported an upload, but the object is not there") from error
        return Artifact(key=key, size=stored.size, mime_type=stored.mime_type, sha256=stored.sha256 or result.sha256)


def _stem_keys(claimed: ClaimedJob, stem: Stem) -> Keys:
    """Return key and media type of everything that the tool for a stem uploads."""
    keys = {"audio": (result_key(claimed.prefix, stem, MediaType.FLAC), MediaType.FLAC)}
    if stem is Stem.VOCALS:
        keys |= _picture_keys(claimed, Picture.MELODY)
    if stem is Stem.INSTRUMENTAL:
        keys["melody"] = (result_key(claimed.prefix, "melody", MediaType.MIDI), MediaType.MIDI)
        keys["lead_sheet"] = (result_key(claimed.prefix, "lead_sheet", MediaType.MUSICXML), MediaType.MUSICXML)
        if part_type := claimed.job.request.part_type:
            keys |= {name: (result_key(claimed.prefix, name, part_type), part_type) for name in PART_NAMES.values()}
    return keys


def _mix_keys(claimed: ClaimedJob) -> Keys:
    """Return key and media type of everything that the tool for the mix uploads."""
    media_type = MEDIA_TYPES[format_of(claimed.job.request.output_format)]
    final = {"audio": (result_key(claimed.prefix, "final", media_type), media_type)}
    return final | _picture_keys(claimed, Picture.WAVEFORM)


def _picture_keys(claimed: ClaimedJob, picture: Picture) -> Keys:
    if not claimed.job.request.wants_pictures:
        return {}
    return {picture: (result_key(claimed.prefix, picture, MediaType.SVG), MediaType.SVG)}


def _format_warnings(claimed: ClaimedJob, final: Artifact) -> tuple[RequestWarning, ...]:
    """Return that the music has another format than was asked for, which a foreign tool may not know how to make."""
    wanted = claimed.job.request.output_format
    if not wanted or final.mime_type == MEDIA_TYPES[format_of(wanted)]:
        return ()
    message = f"the music is {final.mime_type}: the tools do not make {wanted}"
    return (RequestWarning(WarningCode.OTHER_FORMAT, "/output_format", message),)


def _blueprint(claimed: ClaimedJob) -> Blueprint:
    if claimed.job.blueprint is None:  # the state machine sets it before RENDERING
        raise AssertionError(f"a job that is {claimed.job.status} has no blueprint")
    return claimed.job.blueprint


def _problem(line: str) -> Problem:
    pointer, _, message = line.partition(": ")
    return Problem(pointer, message) if message else Problem("", line)


STAGE_OF_STATUS: Final = {
    JobStatus.PENDING: Stages.start,
    JobStatus.ANALYZING: Stages.analyze,
    JobStatus.RENDERING: Stages.render,
    JobStatus.MIXING: Stages.mix,
}
"""The stage that follows each state: the next worker continues where a lost one stopped."""
