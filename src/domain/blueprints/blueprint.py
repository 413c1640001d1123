"""The blueprint: the plan of a moment, and its JSON Schema."""

from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from domain.blueprints.fields import (
    KEY_PATTERN,
    MAX_CHORDS,
    MAX_LYRICS,
    MAX_MELODY,
    MAX_NAME,
    MAX_PROMPT,
    MAX_SECTIONS,
    MAX_SEED,
    MAX_TEMPO_BPM,
    MAX_VOICE_ID,
    MIN_TEMPO_BPM,
    SHA256_PATTERN,
    TIME_SIGNATURE_PATTERN,
)
from domain.music.hum import Analysis
from domain.music.sung import VocalMode

PartialBlueprint = dict[str, Any]
"""The fields of a blueprint that the musician fixed: any subset, each valid by itself."""

SCHEMA_PATH: Final = "/v1/blueprints/schema"

Unit = Annotated[float, Meta(ge=0, le=1)]
VoiceName = Annotated[str, Meta(min_length=1, max_length=MAX_VOICE_ID)]


class OutputKind(StrEnum):
    """What the musician asked for: a preview of 15–30 s, or a song of up to three minutes."""

    PREVIEW = "preview"
    SONG = "song"


class Section(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A section of the piece: verse, chorus …"""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
    bars: Annotated[int, Meta(ge=1, le=256)]
    energy: Unit = 0.5
    prompt: Annotated[str, Meta(max_length=MAX_PROMPT)] | UnsetType = UNSET


class Voice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The voice that sings; the fields are those of the hosted voice service of the original contract."""

    voice_id: VoiceName
    model_id: VoiceName = "eleven_multilingual_v2"
    stability: Unit | UnsetType = UNSET
    similarity_boost: Unit | UnsetType = UNSET
    style_exaggeration: Unit | UnsetType = UNSET
    speaker_boost: bool = True


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """What we read of a blueprint's metadata; anything else in it is kept as it is.

    Attributes:
        output_kind: What the moment is, where the request does not say.
        seed: Of every random choice.
        analysis: The hum as `analyze_hum` hears it: what is made follows it instead of the recording.
        melody: The detected melody, in whatever form a tool server has it.
        chords: Symbols of the chords: `Am7`, `F`, `G/B`.
        vocals: What the voice sings: the hum, the lyrics, or both.
        soundfont: SHA-256 of the SoundFont with which the band plays; empty or absent, it synthesises every instrument.
    """

    output_kind: OutputKind | UnsetType = UNSET
    seed: Annotated[int, Meta(ge=-MAX_SEED, le=MAX_SEED)] | UnsetType = UNSET
    analysis: Analysis | UnsetType = UNSET
    melody: Annotated[list[Any], Meta(max_length=MAX_MELODY)] | UnsetType = UNSET
    chords: (
        Annotated[list[Annotated[str, Meta(min_length=1, max_length=16)]], Meta(max_length=MAX_CHORDS)] | UnsetType
    ) = UNSET
    vocals: VocalMode | UnsetType = UNSET
    soundfont: Annotated[str, Meta(pattern=SHA256_PATTERN, max_length=64)] | UnsetType = UNSET


class Blueprint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The complete plan of a moment. Unknown fields are rejected, except in `metadata`."""

    id: Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
    style: Annotated[str, Meta(min_length=1, max_length=120)]
    tempo_bpm: Annotated[int, Meta(ge=MIN_TEMPO_BPM, le=MAX_TEMPO_BPM)]
    key: Annotated[str, Meta(pattern=KEY_PATTERN)]
    time_signature: Annotated[str, Meta(pattern=TIME_SIGNATURE_PATTERN)] = "4/4"
    sections: Annotated[tuple[Section, ...], Meta(min_length=1, max_length=MAX_SECTIONS)]
    lyrics: Annotated[str, Meta(min_length=1, max_length=MAX_LYRICS)]
    voice: Voice
    metadata: dict[str, Any] = {}


FIELDS: Final = frozenset(field.encode_name for field in msgspec.structs.fields(Blueprint))
REQUIRED: Final = tuple(field.encode_name for field in msgspec.structs.fields(Blueprint) if field.required)


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a blueprint, self-contained."""
    root, definitions = schema_parts()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_PATH,
        **root,
        "$defs": definitions,
    }


def schema_parts() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the schema of a blueprint, and what its references `#/$defs/…` stand for."""
    (document, metadata), definitions = msgspec.json.schema_components(
        [Blueprint, Metadata], ref_template="#/$defs/{name}"
    )
    root = definitions.pop(document["$ref"].rsplit("/", 1)[-1])
    root["properties"]["metadata"] |= metadata
    return root, definitions


def to_dict(blueprint: Blueprint) -> dict[str, Any]:
    """Return the blueprint as JSON values: absent optional fields are absent, never null."""
    document: dict[str, Any] = msgspec.to_builtins(blueprint)
    return document
