"""The music tools in memory: instant, and failing as planned."""

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import anyio
import anyio.lowlevel
import msgspec

from application.ports.objects import ObjectStore, in_one_piece
from application.ports.tools import MIX_TOOLS, HeardHum, ProgressSink, ToolFailed, ToolName, ToolResult
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.errors import MomentError
from domain.jobs.artifacts import PART_NAMES, MediaType, Picture, Stem
from domain.jobs.output_formats import MEDIA_TYPES, USUAL, OutputFormat
from domain.music.hum import Analysis, HummedNote
from domain.music.score import FormSection, PlayedChord
from tests.support.fake_faults import Faults

OUR_TOOLS = frozenset(
    {
        *("validate_blueprint", "analyze_hum", "render_vocals", "render_instrumental"),
        *("synthesize_preview", "create_song", "encode_audio"),
    }
)
ORIGINAL_TOOLS = frozenset({"validate_blueprint", "synthesize_preview", "create_song", "create_moment"})

ANALYSIS = Analysis(
    duration=4.0,
    tuning_cents=-12.0,
    key="C",
    key_confidence=0.9,
    tempo_bpm=96.0,
    tempo_confidence=0.8,
    first_beat=0.1,
    notes=tuple(
        HummedNote(onset=0.1 + 0.5 * index, duration=0.45, pitch=pitch, loudness=0.8)
        for index, pitch in enumerate((60.0, 62.0, 64.0, 65.0, 67.0, 64.0, 60.0))
    ),
)

CHORDS = ("C", "F", "G7", "C")
"""The chords that `render_instrumental` returns."""

FORM = (FormSection("intro", 0.0, 5.0, 2, 0.3, "C"), FormSection("hook", 5.0, 15.0, 4, 0.9, "Am"))
"""The sections that `render_instrumental` returns."""

HARMONY = tuple(PlayedChord(symbol, 3.75 * index, 3.75 * (index + 1)) for index, symbol in enumerate(CHORDS))
"""The same chords with their times."""

Put = Callable[[str, bytes, str], Awaitable[None]]
"""Stores content of a media type under a signed URL."""


def into(store: ObjectStore, prefix: str = "memory:///") -> Put:
    """Return a `Put` that writes to a store whose URLs are a prefix and the key."""

    async def put(url: str, content: bytes, mime_type: str) -> None:
        await store.put(url.removeprefix(prefix), in_one_piece(content), mime_type)

    return put


class FakeMusicTools:
    """Ports `MusicTools` and `FileEncoder`.

    Attributes:
        calls: How often each tool was called.
        faults: What goes wrong, by the name of the tool (`analyze_hum`, `render_vocals` …), `offers` or `ping`.
        holds: Events that a tool waits for before it returns.
        entered: Set once a tool that is held was called.
        cancelled: Tools that were cancelled while they were held.
        tools: The names of the tools that it offers.
        ours: Whether it is our own server, which should offer all of them.
        problems: What `validate_blueprint` returns.
        analysis: What `analyze_hum` returns.
        soundfont: What it says the tools have, or empty.
        mixes: The stems of every mix, in order.
        url: URL of every result when there is no `put`.
    """

    def __init__(self, put: Put | None = None, tools: frozenset[str] = OUR_TOOLS) -> None:
        self._put = put
        self.tools = tools
        self.ours = tools >= OUR_TOOLS
        self.calls: Counter[str] = Counter()
        self.faults = Faults()
        self.holds: dict[str, anyio.Event] = {}
        self.entered: dict[str, anyio.Event] = {}
        self.cancelled: list[str] = []
        self.problems: list[str] = []
        self.analysis = ANALYSIS
        self.soundfont = ""
        self.mixes: list[dict[Stem, str]] = []
        self.url = ""

    def hold(self, tool: str) -> anyio.Event:
        """Make a tool wait until the returned event is set."""
        self.entered[tool] = anyio.Event()
        self.holds[tool] = anyio.Event()
        return self.holds[tool]

    def fail(self, tool: str, *errors: MomentError) -> None:
        """Make the next calls of a tool fail, one error each."""
        self.faults.fail(tool, *errors)

    async def offers(self, tool: ToolName) -> bool:
        await self._enter("offers", tool)
        if self.ours and tool not in self.tools:
            raise ToolFailed(f"{tool} is missing", code="tool_missing")
        return tool in self.tools

    async def ping(self) -> None:
        await self._enter("ping")

    async def check(self, kind: OutputKind) -> None:
        await self._enter("check", kind)
        needed = OUR_TOOLS - {*MIX_TOOLS.values(), ToolName.ENCODE_AUDIO} if self.ours else set[str]()
        if missing := {*needed, MIX_TOOLS[kind]} - self.tools:
            raise ToolFailed(f"{min(missing)} is missing", code="tool_missing")

    async def validate_blueprint(self, blueprint: Blueprint) -> Sequence[str]:
        await self._enter("validate_blueprint")
        return self.problems

    async def analyze_hum(self, audio_url: str, *, hints: dict[str, Any], progress: ProgressSink) -> HeardHum:
        await self._enter("analyze_hum", audio_url)
        progress(1.0)
        return HeardHum(self.analysis, self.soundfont)

    async def render_stem(
        self,
        stem: Stem,
        blueprint: Blueprint,
        *,
        audio_url: str,
        targets: dict[str, str],
        progress: ProgressSink,
        part_type: MediaType = MediaType.FLAC,
    ) -> ToolResult:
        await self._enter(f"render_{stem}")
        progress(0.5)
        extras = await self._by_products(targets, part_type)
        delivery = await self._deliver(targets["audio"], f"stem {stem}".encode(), "audio/flac")
        progress(1.0)
        played = {"chords": CHORDS, "form": FORM, "harmony": HARMONY} if stem is Stem.INSTRUMENTAL else {}
        return msgspec.structs.replace(delivery, detail={"duration": 12.0}, extras=extras, **played)

    async def mix(
        self,
        kind: OutputKind,
        blueprint: Blueprint,
        *,
        stems: dict[Stem, str],
        targets: dict[str, str],
        progress: ProgressSink,
        output_format: OutputFormat = USUAL,
    ) -> ToolResult:
        await self._enter("synthesize_preview" if kind is OutputKind.PREVIEW else "create_song")
        self.mixes.append(dict(stems))
        progress(1.0)
        extras = await self._by_products(targets)
        delivery = await self._deliver(targets["audio"], f"mastered {kind}".encode(), self._type_of(output_format))
        return msgspec.structs.replace(delivery, extras=extras)

    async def encode(self, audio_url: str, *, target: str, output_format: OutputFormat) -> ToolResult:
        await self._enter("encode_audio", audio_url)
        return await self._deliver(target, f"encoded {output_format}".encode(), MEDIA_TYPES[output_format])

    def _type_of(self, output_format: OutputFormat) -> str:
        return MEDIA_TYPES[output_format] if self.ours else MediaType.MP3

    async def _by_products(self, targets: dict[str, str], part_type: MediaType = MediaType.FLAC) -> dict[str, int]:
        """Upload four bytes for each by-product that has a target."""
        types = {"melody": MediaType.MIDI, "lead_sheet": MediaType.MUSICXML}
        types |= dict.fromkeys(PART_NAMES.values(), part_type) | dict.fromkeys(map(str, Picture), MediaType.SVG)
        wanted = [name for name in targets if name != "audio"]
        for name in wanted:
            await self._upload(targets[name], b"made", types[name])
        return dict.fromkeys(wanted, 4)

    async def _enter(self, tool: str, *args: object) -> None:
        self.calls[tool] += 1
        await self.faults.enter(tool, *args)
        if (hold := self.holds.get(tool)) is None:
            await anyio.lowlevel.checkpoint()
            return
        self.entered[tool].set()
        try:
            await hold.wait()
        except anyio.get_cancelled_exc_class():
            self.cancelled.append(tool)
            raise

    async def _deliver(self, target: str, content: bytes, mime_type: str) -> ToolResult:
        if self._put is None:
            return ToolResult(mime_type=mime_type, size=len(content), url=self.url)
        await self._upload(target, content, mime_type)
        sha256 = hashlib.sha256(content).hexdigest()
        return ToolResult(mime_type=mime_type, size=len(content), sha256=sha256, uploaded=True)

    async def _upload(self, target: str, content: bytes, mime_type: str) -> None:
        if self._put is not None:
            await self._put(target, content, mime_type)
