"""The routes that describe blueprints: their schema, the styles."""

from typing import Any, Final

import msgspec
from litestar import MediaType, Response, get

from domain.blueprints.blueprint import schema
from domain.music.styles.registry import STYLES

_CACHED: Final = "public, max-age=3600"


class StyleEntry(msgspec.Struct, frozen=True):
    """A style that blueprints may name, and the range of its tempos."""

    name: str
    tempo_range: tuple[int, int]


@get("/v1/blueprints/schema", operation_id="blueprintSchema", summary="JSON Schema of blueprints", tags=["blueprints"])
async def blueprint_schema() -> Response[dict[str, Any]]:
    """Return the JSON Schema (2020-12) that every blueprint is checked against."""
    return Response(schema(), media_type="application/schema+json", headers={"Cache-Control": _CACHED})


@get("/v1/styles", operation_id="listStyles", summary="The styles", tags=["blueprints"])
async def list_styles() -> Response[list[StyleEntry]]:
    """Return every style; the first is the default."""
    styles = [StyleEntry(style.name, style.tempo_range) for style in STYLES.values()]
    return Response(styles, media_type=MediaType.JSON, headers={"Cache-Control": _CACHED})
