"""The arguments of every tool call: those of the original contract, and the extras that newer servers declare."""

from typing import Any, Final

import msgspec

from adapters.mcp.negotiation import Arguments, Tool, fit, lacking, mistyped
from adapters.mcp.server_profile import ServerProfile
from application.ports.tools import MIX_TOOLS, RENDER_TOOLS, ToolFailed, ToolName
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.completion import complete
from domain.blueprints.length import length_ms
from domain.jobs.artifacts import PART_NAMES, MediaType, Picture, Stem
from domain.jobs.output_formats import USUAL, OutputFormat

SONG_MS: Final = (10_000, 300_000)
"""The bounds of `music_length_ms`."""

UPLOADS: Final = {
    "audio": "upload_url",
    "melody": "melody_upload_url",
    "lead_sheet": "lead_sheet_upload_url",
    Picture.MELODY: "picture_upload_url",
    Picture.WAVEFORM: "picture_upload_url",
}
"""The arguments for what a tool uploads; no tool draws both pictures."""

SAMPLE_URL: Final = "https://example.invalid/"
"""Stands for a signed URL where nothing is called."""


FILE_TOOLS: Final = frozenset({*RENDER_TOOLS.values(), *MIX_TOOLS.values()})
"""The tools that make audio."""


class Call(msgspec.Struct, frozen=True):
    """The arguments of a call: `wanted` by every server, `extras` where the tool declares them."""

    wanted: Arguments
    extras: Arguments = {}


def validation(blueprint: Blueprint) -> Call:
    """Return the call of `validate_blueprint`."""
    return Call({"blueprint": blueprint})


def analysis(audio_url: str, hints: dict[str, Any]) -> Call:
    """Return the call of `analyze_hum`."""
    return Call({"audio_url": audio_url} | ({"hints": hints} if hints else {}))


def rendering(
    blueprint: Blueprint, audio_url: str, targets: dict[str, str], part_type: MediaType = MediaType.FLAC
) -> Call:
    """Return the call of a tool that renders a stem; a server that makes no stems of parts does not get their URLs."""
    kind = blueprint.metadata.get("output_kind")
    wanted = {"blueprint": blueprint, "audio_url": audio_url} | ({"output_kind": kind} if isinstance(kind, str) else {})
    extras: Arguments = {UPLOADS[name]: url for name, url in targets.items() if name in UPLOADS}
    if parts := {str(group): targets[name] for group, name in PART_NAMES.items() if name in targets}:
        extras |= {"part_upload_urls": parts, "part_format": part_type.suffix}
    return Call(wanted, extras)


def mixing(
    kind: OutputKind,
    blueprint: Blueprint,
    stems: dict[Stem, str],
    targets: dict[str, str],
    output_format: OutputFormat = USUAL,
) -> Call:
    """Return the call that mixes; a server of the original contract, which takes no stems, makes the whole piece."""
    extras: Arguments = {UPLOADS[name]: url for name, url in targets.items()} | {"output_kind": str(kind)}
    if stems:
        extras["stems"] = {f"{stem}_url": url for stem, url in stems.items()}
    if output_format != USUAL:
        extras["output_format"] = output_format
    return Call(_song(blueprint) if kind is OutputKind.SONG else _preview(blueprint), extras)


def encoding(audio_url: str, target: str, output_format: OutputFormat) -> Call:
    """Return the call of `encode_audio`."""
    return Call({"audio_url": audio_url, UPLOADS["audio"]: target, "output_format": output_format})


def check(kind: OutputKind, server: ServerProfile) -> None:
    """Check that a server has what a kind of moment needs, and that our calls satisfy its schemas.

    A foreign server may lack the tools for analysis and stems: it makes the whole piece when it mixes. One of ours that
    lacks them is of another version or partly started, and would make music that ignores the hum.

    Raises:
        ToolFailed: `tool_missing`, or `invalid_arguments`.
    """
    for name, call in _samples(kind).items():
        tool = server.tools.get(name)
        if tool is None and (server.ours or name in {ToolName.VALIDATE_BLUEPRINT, MIX_TOOLS[kind]}):
            raise missing(name)
        if tool is not None:
            _check_schema(tool, fit(tool, call.wanted, call.extras))


def keeps_result(tool: Tool) -> bool:
    """Return whether a tool neither uploads its result nor returns its URL, by its own account: it leaves a file.

    One that declares nothing about what it returns may return a URL: a call shows it.
    """
    uploads = tool.declared is not None and "upload_url" in tool.declared
    return tool.name in FILE_TOOLS and not uploads and bool(tool.returned) and "output_url" not in tool.returned


def sample_blueprint(kind: OutputKind) -> Blueprint:
    """Return a valid blueprint without data of a job."""
    return complete({}, None, blueprint_id="sample", kind=kind, voice_id="hummer", seed=0)


def missing(tool: ToolName) -> ToolFailed:
    """Return the error of a server that lacks a tool which it should have."""
    return ToolFailed(f"the tool server does not offer {tool}", code="tool_missing")


def unfit(message: str) -> ToolFailed:
    """Return the error of a server that does not fit this version."""
    return ToolFailed(message, code="invalid_arguments", permanent=True)


def _check_schema(tool: Tool, arguments: Arguments) -> None:
    if missing := lacking(tool, arguments):
        raise unfit(f"{tool.name} of the tool server requires {', '.join(missing)}, which this version does not send")
    if odd := mistyped(tool, arguments):
        raise unfit(f"{tool.name} of the tool server takes {', '.join(odd)} in another type than this version sends")


def _samples(kind: OutputKind) -> dict[ToolName, Call]:
    """Return a call of each tool that a kind of moment uses, without data of a job."""
    blueprint = sample_blueprint(kind)
    targets = dict.fromkeys((*UPLOADS, *PART_NAMES.values()), SAMPLE_URL)
    return {
        ToolName.VALIDATE_BLUEPRINT: validation(blueprint),
        ToolName.ANALYZE_HUM: analysis(SAMPLE_URL, {}),
        **{tool: rendering(blueprint, SAMPLE_URL, targets) for tool in RENDER_TOOLS.values()},
        MIX_TOOLS[kind]: mixing(kind, blueprint, dict.fromkeys(Stem, SAMPLE_URL), {"audio": SAMPLE_URL}),
    }


def _preview(blueprint: Blueprint) -> Arguments:
    voice: Arguments = {"speaker_boost": blueprint.voice.speaker_boost, **msgspec.to_builtins(blueprint.voice)}
    return {"text": blueprint.lyrics, "blueprint": blueprint, "model_id": blueprint.voice.model_id, **voice}


def _song(blueprint: Blueprint) -> Arguments:
    shortest, longest = SONG_MS
    length = max(shortest, min(longest, length_ms(blueprint)))
    return {"blueprint": blueprint, "music_length_ms": length}
