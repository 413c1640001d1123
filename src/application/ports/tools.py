"""The music tools, whichever server offers them."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Any, Final, Protocol

import msgspec

from application.ports.objects import Chunks
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.error_codes import Code
from domain.errors import MomentError
from domain.jobs.artifacts import MediaType, Stem
from domain.jobs.output_formats import USUAL, OutputFormat
from domain.music.hum import Analysis
from domain.music.score import FormSection, PlayedChord
from domain.warnings import RequestWarning


class ToolName(StrEnum):
    """The tools that workers call, by the names under which servers offer them."""

    VALIDATE_BLUEPRINT = "validate_blueprint"
    ANALYZE_HUM = "analyze_hum"
    RENDER_VOCALS = "render_vocals"
    RENDER_INSTRUMENTAL = "render_instrumental"
    SYNTHESIZE_PREVIEW = "synthesize_preview"
    CREATE_SONG = "create_song"
    ENCODE_AUDIO = "encode_audio"


RENDER_TOOLS: Final = {Stem.VOCALS: ToolName.RENDER_VOCALS, Stem.INSTRUMENTAL: ToolName.RENDER_INSTRUMENTAL}
MIX_TOOLS: Final = {OutputKind.PREVIEW: ToolName.SYNTHESIZE_PREVIEW, OutputKind.SONG: ToolName.CREATE_SONG}


COMPUTING_TOOLS: Final = frozenset(ToolName) - {ToolName.VALIDATE_BLUEPRINT}
"""Tools that occupy a core for seconds; a server may refuse their calls with `tools_busy`."""


class ToolsUnavailable(MomentError):
    """The tool server did not answer, or closed the connection; the same call may succeed later."""

    code: Code = "tools_unavailable"


class ToolsLost(ToolsUnavailable):
    """The connection broke in the middle of a call: the server died, perhaps of what it was asked to do."""

    code = "tools_lost"


class ToolsBusy(ToolsUnavailable):
    """The tool server computes as much as it can and did not accept the call.

    Attributes:
        retry_after: Seconds after which to call again; finite and not negative.
    """

    code = "tools_busy"

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ToolFailed(MomentError):
    """A tool failed. `code` is the tool's own if it sent one; `permanent` as the tool set it.

    Attributes:
        retry_after: Seconds before which calling again is pointless; 0 where nothing is known.
    """

    code: Code = "tool_failed"

    def __init__(
        self, message: str, *, code: Code | None = None, permanent: bool = False, retry_after: float = 0.0
    ) -> None:
        super().__init__(message, code=code)
        self.permanent = permanent
        self.retry_after = retry_after


class ToolResult(msgspec.Struct, frozen=True, kw_only=True):
    """Where a tool put its result.

    Attributes:
        uploaded: Whether it is stored under the upload URL that the call contained.
        url: Where to download it otherwise.
        path: Its path, if the filesystem is shared.
        detail: Numbers that the tool measured.
        extras: By-products uploaded, by name, with their sizes in bytes.
        chords: Symbols of the chords that were played, in order; empty where the tool does not return them.
        form: The sections that were played, in order; empty likewise.
        harmony: The same chords with their times; empty likewise.
        warnings: What the tool did not do as the blueprint asked.
    """

    mime_type: str
    size: int = 0
    sha256: str = ""
    uploaded: bool = False
    url: str = ""
    path: str = ""
    detail: dict[str, float] = {}
    extras: dict[str, int] = {}
    chords: tuple[str, ...] = ()
    form: tuple[FormSection, ...] = ()
    harmony: tuple[PlayedChord, ...] = ()
    warnings: tuple[RequestWarning, ...] = ()


class HeardHum(msgspec.Struct, frozen=True):
    """What a tool heard, and with what its server plays.

    Attributes:
        analysis: Of the hum.
        soundfont: SHA-256 of the SoundFont that the server has, or empty: the blueprint's metadata carries it to all
            tools that play, so that they make one sound.
    """

    analysis: Analysis
    soundfont: str = ""


ProgressSink = Callable[[float], None]
"""Called with a tool's progress, 0..1."""


class MusicTools(Protocol):
    """The music tools of one server.

    Every method raises `ToolsUnavailable` or `ToolFailed`. Cancelling a call cancels the tool.
    """

    async def offers(self, tool: ToolName) -> bool:
        """Return whether the server has a tool; a foreign one may do without.

        Raises:
            ToolFailed: `tool_missing`: our own server lacks it. `result_unreachable`: we could not fetch what it makes.
        """

    async def validate_blueprint(self, blueprint: Blueprint) -> Sequence[str]:
        """Return what is wrong with a blueprint, `/path: message` each; nothing if it is valid."""

    async def analyze_hum(self, audio_url: str, *, hints: dict[str, Any], progress: ProgressSink) -> HeardHum:
        """Analyze a hum. `hints` are the blueprint fields that the musician fixed."""

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
        """Render a stem to `targets["audio"]`, by-products to `melody` (MIDI) and `lead_sheet` (MusicXML).

        Parts that have a target (`PART_NAMES`) get stems of their own, of `part_type`: FLAC or Opus. The voice's tool
        draws `Picture.MELODY` if it has a target.
        """

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
        """Mix and master with the tool for the kind. Stems are URLs; the result is uploaded to `targets["audio"]`.

        `Picture.WAVEFORM` is drawn if it has a target. A foreign tool may know no format but its own: the result has
        the type of what it made.
        """

    async def ping(self) -> None:
        """Return when the server has listed its tools."""

    async def check(self, kind: OutputKind) -> None:
        """Return when the server lists the tools for a kind of moment, with schemas that our calls satisfy.

        Raises:
            ToolFailed: `tool_missing`, `tool_not_offered`, `invalid_arguments` or `result_unreachable`.
        """


class FileEncoder(Protocol):
    """The music tool that encodes; it raises `ToolsUnavailable` or `ToolFailed`, and is cancelled like the others."""

    async def encode(self, audio_url: str, *, target: str, output_format: OutputFormat) -> ToolResult:
        """Encode a file as it is, with the same samples; the result is uploaded to `target`."""


class Fetcher(Protocol):
    """Downloads results that a tool did not upload. Raises `ToolsUnavailable`."""

    def fetch(self, url: str) -> AbstractAsyncContextManager[Chunks]:
        """Yield the content of a URL."""
