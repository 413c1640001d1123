"""The stages of the pipeline: one asynchronous function each, in the order in which a job passes them."""

from typing import Final

import anyio

from application.ports.objects import ObjectNotFound, ObjectStore, UrlSigner
from application.ports.tools import Fetcher, MusicTools, ToolFailed, ToolResult
from application.worker.claimed_job import Run
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.completion import complete
from domain.errors import InvalidBlueprint, Problem
from domain.jobs.artifacts import Artifact, Checkpoint, Stem
from domain.jobs.transitions import Analyzed, JobStatus, Mixed, Rendered, Started, StemSettled
from domain.music.model import Analysis

RENDER_TOOLS: Final = {Stem.VOCALS: "render_vocals", Stem.INSTRUMENTAL: "render_instrumental"}
MIX_TOOLS: Final = {OutputKind.PREVIEW: "synthesize_preview", OutputKind.SONG: "create_song"}
STEM_TYPE: Final = "audio/flac"
FINAL_TYPE: Final = "audio/mpeg"
MIDI_TYPE: Final = "audio/midi"
SUFFIXES: Final = {STEM_TYPE: "flac", FINAL_TYPE: "mp3", MIDI_TYPE: "mid"}


class Stages:
    """What each stage needs of the world."""

    def __init__(self, tools: MusicTools, store: ObjectStore, urls: UrlSigner, fetcher: Fetcher, voice_id: str) -> None:
        self._tools = tools
        self._store = store
        self._urls = urls
        self._fetcher = fetcher
        self._voice_id = voice_id

    async def start(self, run: Run) -> None:
        """PENDING → ANALYZING, with a draft for whoever looks before the hum is understood."""
        run.record(Started(draft=self._complete(run, None, draft=True)))

    async def analyze(self, run: Run) -> None:
        """ANALYZING → RENDERING: listen, complete the blueprint, have it validated."""
        analysis = await self._listen(run)
        blueprint = self._complete(run, analysis)
        if problems := await self._tools.validate_blueprint(blueprint):
            raise InvalidBlueprint([_problem(line) for line in problems])
        run.record(Analyzed(blueprint=blueprint))

    async def render(self, run: Run) -> None:
        """RENDERING → MIXING: both stems side by side; when one fails the other is cancelled."""
        missing = [stem for stem in Stem if stem not in run.job.checkpoints]
        async with anyio.create_task_group() as renders:
            for stem in missing[1:]:
                renders.start_soon(self._render_stem, run, stem)
            for stem in missing[:1]:  # in this task: one of its own would cost more than the rest of the group
                await self._render_stem(run, stem)
        run.record(Rendered())
        await run.write()  # most of the work is done: whoever takes over from here must find it

    async def mix(self, run: Run) -> None:
        """MIXING → COMPLETED: mix, master, store."""
        kind = run.job.request.output_kind
        key = f"{run.folder}/final.{SUFFIXES[FINAL_TYPE]}"
        if (tool := MIX_TOOLS[kind]) not in await self._tools.offered():
            raise ToolFailed(f"the tool server has no {tool}", code="tool_missing", permanent=True)
        delivery = await self._tools.mix(
            kind,
            _blueprint(run),
            stems=await self._stem_urls(run),
            target=await self._urls.sign_put(key, FINAL_TYPE),
            progress=run.reporter(),
        )
        run.record(Mixed(final=await self._bring_home(delivery, key)))

    def _complete(self, run: Run, analysis: Analysis | None, *, draft: bool = False) -> Blueprint:
        request = run.job.request
        return complete(
            request.blueprint,
            analysis,
            blueprint_id=str(run.job.id),
            kind=request.output_kind,
            voice_id=self._voice_id,
            seed=int(request.original.sha256[:8] or "0", 16),
            draft=draft,
        )

    async def _listen(self, run: Run) -> Analysis | None:
        if "analyze_hum" not in await self._tools.offered():
            return None
        url = await self._urls.sign_get(run.job.request.original.key)
        hints = {name: value for name, value in run.job.request.blueprint.items() if name != "metadata"}
        return await self._tools.analyze_hum(url, hints=hints, progress=run.reporter())

    async def _render_stem(self, run: Run, stem: Stem) -> None:
        started = run.clock()
        if RENDER_TOOLS[stem] not in await self._tools.offered():
            run.record(StemSettled(stem, Checkpoint(started_at=started, finished_at=run.clock())))
            return
        keys = _stem_keys(run, stem)
        delivery = await self._tools.render_stem(
            stem,
            _blueprint(run),
            audio_url=await self._urls.sign_get(run.job.request.original.key),
            targets={name: await self._urls.sign_put(key, mime_type) for name, (key, mime_type) in keys.items()},
            progress=run.reporter(stem),
        )
        checkpoint = Checkpoint(
            artifact=await self._bring_home(delivery, keys["audio"][0]),
            extras={name: await self._store.stat(keys[name][0]) for name in delivery.extras if name in keys},
            started_at=started,
            finished_at=run.clock(),
            detail=delivery.detail,
            chords=delivery.chords,
        )
        run.record(StemSettled(stem, checkpoint))

    async def _stem_urls(self, run: Run) -> dict[Stem, str]:
        return {
            stem: await self._urls.sign_get(checkpoint.artifact.key)
            for stem, checkpoint in run.job.checkpoints.items()
            if checkpoint.artifact
        }

    async def _bring_home(self, delivery: ToolResult, key: str) -> Artifact:
        """Return the pointer to a tool's result in our own store, fetched first where the tool kept it."""
        if delivery.uploaded:
            return await self._confirmed(delivery, key)
        if not delivery.url:
            raise ToolFailed("the tool kept its result where we cannot reach it", code="result_unreachable")
        async with self._fetcher.fetch(delivery.url) as chunks:
            return await self._store.put(key, chunks, delivery.mime_type)

    async def _confirmed(self, delivery: ToolResult, key: str) -> Artifact:
        try:
            stored = await self._store.stat(key)
        except ObjectNotFound as error:
            raise ToolFailed("the tool says that it stored its result, but it is not there") from error
        return Artifact(key=key, size=stored.size, mime_type=stored.mime_type, sha256=stored.sha256 or delivery.sha256)


def _stem_keys(run: Run, stem: Stem) -> dict[str, tuple[str, str]]:
    keys = {"audio": (f"{run.folder}/{stem}.{SUFFIXES[STEM_TYPE]}", STEM_TYPE)}
    if stem is Stem.INSTRUMENTAL:
        keys["melody"] = (f"{run.folder}/melody.{SUFFIXES[MIDI_TYPE]}", MIDI_TYPE)
    return keys


def _blueprint(run: Run) -> Blueprint:
    if run.job.blueprint is None:  # the state machine sets it before RENDERING
        raise AssertionError(f"a job that is {run.job.status} has no blueprint")
    return run.job.blueprint


def _problem(line: str) -> Problem:
    pointer, _, message = line.partition(": ")
    return Problem(pointer, message) if message else Problem("", line)


ORDER: Final = {
    JobStatus.PENDING: Stages.start,
    JobStatus.ANALYZING: Stages.analyze,
    JobStatus.RENDERING: Stages.render,
    JobStatus.MIXING: Stages.mix,
}
"""The stage that a job in each state is ready for: where a lost worker stopped, the next one goes on."""
