"""Arguments and results of the tools, as JSON Schemas with bounds and descriptions for agents."""

from typing import Annotated, Any, Literal, NotRequired

import msgspec
from pydantic import BeforeValidator, Field, WithJsonSchema
from typing_extensions import TypedDict

from domain.blueprints.blueprint import SCHEMA_PATH, schema_parts
from domain.blueprints.fields import (
    KEY_PATTERN,
    MAX_LYRICS,
    MAX_TEMPO_BPM,
    MAX_VOICE_ID,
    MIN_TEMPO_BPM,
    TIME_SIGNATURE_PATTERN,
)
from domain.blueprints.normalisation import chosen_word
from domain.jobs import output_formats
from domain.jobs.artifacts import OptionalArtifact
from domain.music.hum import Analysis


def inlined(root: dict[str, Any], definitions: dict[str, Any], description: str) -> dict[str, Any]:
    """Return a schema without references, so that it can stand anywhere in another schema."""

    def resolve(node: Any) -> Any:
        if isinstance(node, list):
            return [resolve(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return resolve(definitions[node["$ref"].rsplit("/", 1)[-1]])
        return {name: resolve(value) for name, value in node.items()}

    schema: dict[str, Any] = resolve(root)
    return schema | {"description": description}


def schema_of_analysis() -> dict[str, Any]:
    """Return the schema of what was heard."""
    (root,), definitions = msgspec.json.schema_components([Analysis])
    return inlined(root, definitions, "Everything understood from the hum.")


BlueprintDocument = Annotated[
    dict[str, Any],
    WithJsonSchema(
        inlined(
            *schema_parts(),
            "The complete plan of a moment. `metadata` may have anything else; `metadata.analysis` holds what "
            "`analyze_hum` returned, so that the hummed melody leads.",
        )
    ),
]
UncheckedDocument = Annotated[
    dict[str, Any],
    WithJsonSchema({"type": "object", "description": f"A blueprint, valid or not (schema: {SCHEMA_PATH})."}),
]
AnalysisDocument = Annotated[dict[str, Any], WithJsonSchema(schema_of_analysis())]

AudioUrl = Annotated[
    str,
    Field(min_length=1, max_length=4096, description="http(s) URL of the recording: WAV, MP3, M4A, OGG, FLAC, WebM."),
]
UploadUrl = Annotated[
    str | None,
    Field(
        max_length=4096,
        description="Signed URL that the result is PUT to. Without it the file stays on the server: `output_path`.",
    ),
]
MelodyUploadUrl = Annotated[
    str | None, Field(max_length=4096, description="Signed URL that the score is PUT to, as audio/midi.")
]
LeadSheetUploadUrl = Annotated[
    str | None, Field(max_length=4096, description="Signed URL that the lead sheet is PUT to, as MusicXML.")
]
PictureUploadUrl = Annotated[
    str | None, Field(max_length=4096, description="Signed URL that a picture is PUT to, as image/svg+xml.")
]
Kind = Annotated[
    Literal["preview", "song"] | None,
    BeforeValidator(lambda kind: chosen_word(kind) if isinstance(kind, str) else kind),
    Field(description="preview: 15–30 s; song: up to three minutes. Default: `metadata.output_kind`, else preview."),
]
OutputFormat = Annotated[
    output_formats.OutputFormat,
    Field(description="Codec, sample rate and kbit/s of the finished file."),
]
MusicFormat = Annotated[
    output_formats.OutputFormat | None,
    Field(description=f"Codec, sample rate and kbit/s of the music. Default: {output_formats.USUAL}."),
]
Unit = Annotated[float | None, Field(ge=0, le=1)]
Lyrics = Annotated[
    str | None, Field(min_length=1, max_length=MAX_LYRICS, description="The words, where no blueprint has any.")
]
VoiceId = Annotated[
    str | None, Field(min_length=1, max_length=MAX_VOICE_ID, description="Overrides that of the blueprint.")
]
ModelId = Annotated[str | None, Field(min_length=1, max_length=MAX_VOICE_ID, description="Kept with the result.")]
MusicLength = Annotated[
    int | None,
    Field(ge=10_000, le=300_000, description="Wanted length in milliseconds; sections are scaled in whole bars."),
]


PartFormat = Annotated[Literal["flac", "opus"], Field(description="Codec of the parts' stems.")]
PartUrl = Annotated[str, Field(max_length=4096)]
Artifacts = Annotated[
    list[OptionalArtifact] | None,
    Field(
        max_length=8,
        description="What to make besides the usual: a stem of each part, as FLAC or Opus; pictures (SVG) of the "
        "melody that was heard, and of the music with its sections and chords.",
    ),
]


class PartUrls(TypedDict, total=False):
    """Signed URLs that stems of parts are PUT to; what has no notes is left out, `extras` names what was made."""

    lead: PartUrl
    chords: PartUrl
    bass: PartUrl
    drums: PartUrl
    other: PartUrl


class StemUrls(TypedDict, total=False):
    """Rendered stems to mix. Without an instrumental the band plays the blueprint; without vocals there is no voice."""

    vocals_url: Annotated[str, Field(max_length=4096)]
    instrumental_url: Annotated[str, Field(max_length=4096)]


class Hints(TypedDict, total=False):
    """Blueprint fields that the musician fixed; they override the analysis where the hum allows it."""

    key: Annotated[str, Field(pattern=KEY_PATTERN)]
    tempo_bpm: Annotated[int, Field(ge=MIN_TEMPO_BPM, le=MAX_TEMPO_BPM)]
    time_signature: Annotated[str, Field(pattern=TIME_SIGNATURE_PATTERN)]


class Validation(TypedDict):
    """What is wrong with a blueprint: `/path: message` each. `repaired` is the nearest one without errors.

    What a repair leaves out, and what a complete blueprint lacks, has to be added. Null: nothing is wrong, or all is.
    """

    ok: bool
    errors: list[str]
    repaired: dict[str, Any] | None
    schema_path: str


class Heard(TypedDict):
    """What was heard, and the SHA-256 of the SoundFont that the band can play with, if there is one."""

    ok: bool
    analysis: AnalysisDocument
    soundfont: NotRequired[str]


class Section(TypedDict):
    """A section as it was played: from `start` to `end` seconds, with an energy of 0–1, in its key."""

    name: str
    start: float
    end: float
    bars: int
    energy: float
    key: str


class PlayedChord(TypedDict):
    """A chord as it was played: its symbol, from `start` to `end` seconds."""

    symbol: str
    start: float
    end: float


class Warned(TypedDict):
    """What a tool did not do as the blueprint asked: a stable code, a JSON pointer into the blueprint, a sentence."""

    code: str
    pointer: str
    message: str


class Rendered(TypedDict, total=False):
    """Where a stem is, and what was measured on it (seconds, dBFS, notes). Extras: bytes of by-products by name.

    `chords` are the symbols of the chords played, `form` the sections, in order; `harmony` has the times of the chords;
    `warnings` tell what was left undone.
    """

    ok: bool
    uploaded: bool
    output_path: str
    bytes: int
    mime_type: str
    sha256: str
    detail: dict[str, float]
    extras: dict[str, int]
    chords: list[str]
    form: list[Section]
    harmony: list[PlayedChord]
    warnings: list[Warned]


class Finished(Rendered, total=False):
    """Where the mastered file is; `detail` has its length, integrated loudness (LUFS) and true peak (dBTP)."""

    output_kind: str
    voice_id: str
    model_id: str


class Song(Finished, total=False):
    """A mastered song."""

    music_length_ms: int
    prompt_used: str


class Moment(TypedDict, total=False):
    """A job of the moments API; `final_audio_url` is there once it is COMPLETED."""

    ok: bool
    job_id: str
    status: str
    final_audio_url: str
    status_json: dict[str, Any]
