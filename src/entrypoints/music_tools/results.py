"""What the tools have in common: their annotations, and how results become structured content."""

from typing import Final

import msgspec
from mcp.types import ToolAnnotations

from application.ports.tools import ToolResult
from domain.blueprints.blueprint import Blueprint, OutputKind
from entrypoints.music_tools import schemas

READS: Final = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
DOWNLOADS: Final = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=True)
WRITES: Final = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True
)


def output_kind_of(wanted: str | None, blueprint: Blueprint) -> OutputKind:
    """Return the output kind that the call names, or else the blueprint's metadata; a preview by default."""
    stated = wanted or blueprint.metadata.get("output_kind")
    return OutputKind.SONG if stated == OutputKind.SONG else OutputKind.PREVIEW


def rendered(tool_result: ToolResult) -> schemas.Rendered:
    """Return a use case's result as the structured content of a tool."""
    result: schemas.Rendered = {
        "ok": True,
        "uploaded": tool_result.uploaded,
        "bytes": tool_result.size,
        "mime_type": tool_result.mime_type,
        "detail": tool_result.detail,
        "extras": tool_result.extras,
    }
    if tool_result.sha256:
        result["sha256"] = tool_result.sha256
    if tool_result.chords:
        result["chords"] = list(tool_result.chords)
    if tool_result.warnings:
        result["warnings"] = [
            {"code": each.code.value, "pointer": each.pointer, "message": each.message} for each in tool_result.warnings
        ]
    if tool_result.form:
        result["form"] = msgspec.to_builtins(tool_result.form)
    if tool_result.harmony:
        result["harmony"] = msgspec.to_builtins(tool_result.harmony)
    if tool_result.path:
        result["output_path"] = tool_result.path
    return result
