"""The music tools, whoever runs them."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import msgspec

from application.ports.objects import Chunks
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.error_codes import Code
from domain.errors import MomentError
from domain.jobs.artifacts import Stem
from domain.music.model import Analysis


class ToolsUnavailable(MomentError):
    """The tool server did not answer, or broke off; the same call may work later."""

    code = "tools_unavailable"


class ToolFailed(MomentError):
    """A tool said no. `code` is the tool's own where it gave one, `permanent` where it said so."""

    code: Code = "tool_failed"

    def __init__(self, message: str, *, code: Code | None = None, permanent: bool = False) -> None:
        super().__init__(message, code=code)
        self.permanent = permanent


class ToolResult(msgspec.Struct, frozen=True, kw_only=True):
    """Where a tool put its result.

    Attributes:
        uploaded: Whether it is already under the key that the call named.
        url: Where to fetch it otherwise.
        path: Where it lies if the filesystem is shared.
        detail: Numbers that the tool measured.
        extras: By-products uploaded, by name, with their sizes in bytes.
        chords: Symbols of the chords that were played, in order; empty where the tool does not return them.
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


ProgressSink = Callable[[float], None]
"""Told how far a tool is, 0..1."""


class MusicTools(Protocol):
    """The studio, whoever runs it. Methods raise `ToolsUnavailable` or `ToolFailed`; cancelling cancels the tool."""

    async def offered(self) -> AbstractSet[str]:
        """Return the names of the tools that the server has."""

    async def validate_blueprint(self, blueprint: Blueprint) -> Sequence[str]:
        """Return what is wrong with a blueprint, `/path: message` each; nothing if it is valid."""

    async def analyze_hum(self, audio_url: str, *, hints: dict[str, Any], progress: ProgressSink) -> Analysis:
        """Listen to a hum. `hints` are blueprint fields that the musician fixed."""

    async def render_stem(
        self,
        stem: Stem,
        blueprint: Blueprint,
        *,
        audio_url: str,
        targets: dict[str, str],
        progress: ProgressSink,
    ) -> ToolResult:
        """Render a stem to `targets["audio"]`, by-products to the other targets (`melody`: MIDI)."""

    async def mix(
        self,
        kind: OutputKind,
        blueprint: Blueprint,
        *,
        stems: dict[Stem, str],
        target: str,
        progress: ProgressSink,
    ) -> ToolResult:
        """Mix and master: `synthesize_preview` or `create_song`. Stems are URLs; the result goes to `target`."""

    async def ping(self) -> None:
        """Return when the server answers with its tools."""


class Fetcher(Protocol):
    """Brings a foreign tool's result home. Raises `ToolsUnavailable`."""

    def fetch(self, url: str) -> AbstractAsyncContextManager[Chunks]:
        """Give the content of a URL while the block lasts."""
