"""The parts of the OpenAPI document that Litestar cannot derive from the handlers."""

from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from litestar import Router
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Contact,
    Example,
    License,
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Reference,
    RequestBody,
    Schema,
    Tag,
)
from litestar.routes import BaseRoute
from litestar.types import ControllerRouterHandler

from application.version import VERSION
from domain.jobs.artifacts import OptionalArtifact
from entrypoints.api.problem_documents import MEDIA_TYPE, ProblemDocument

EXAMPLE_BLUEPRINT: Final = '{"style": "lofi", "tempo_bpm": 84, "lyrics": "la la la"}'

DESCRIPTION: Final = (
    "Hum a tune, hear it back seconds later as your own theme music. Every error is a problem (RFC 9457) with a stable "
    "`code`, whose meaning is at [/docs/errors](/docs/errors). Every `GET` has a `HEAD`."
)
TAGS: Final = {
    "moments": "Send a hum, read how far its music is.",
    "jobs": "Follow, stop, retry and delete the job that makes a moment, and link to its files.",
    "blueprints": "The plan of a moment: its schema, a review of one, the styles.",
    "operations": "For orchestrators and load balancers.",
}


def problem(description: str) -> ResponseSpec:
    """Return the description of an error response."""
    return ResponseSpec(ProblemDocument, description=description, media_type=MEDIA_TYPE, generate_examples=False)


def _form() -> RequestBody:
    text = OpenAPIType.STRING
    plan = Schema(
        type=text,
        description="Any part of a blueprint, as JSON",
        content_media_type="application/json",
        content_schema=Reference("#/components/schemas/PartialBlueprint"),
    )
    kind = "Without it, that of the blueprint's metadata, else the default of the service (MCP_OUTPUT_KIND)"
    more = f"What to make besides the usual, separated by commas: {', '.join(OptionalArtifact)}"
    hum = Schema(type=text, description="The hum: WAV, MP3, M4A, OGG, FLAC or WebM")
    hum.format = "binary"  # type: ignore[assignment] # the field is an enum, the standard allows any text
    schema = Schema(
        type=OpenAPIType.OBJECT,
        required=["file"],
        properties={
            "file": hum,
            "blueprint_json": plan,
            "output_kind": Schema(type=text, enum=["preview", "song"], description=kind),
            "artifacts": Schema(type=text, description=more),
        },
    )
    examples = {
        "lofi": Example(
            value={"file": "(bytes of hum.wav)", "blueprint_json": EXAMPLE_BLUEPRINT, "output_kind": "preview"}
        )
    }
    return RequestBody(
        content={"multipart/form-data": OpenAPIMediaType(schema=schema, examples=examples)},  # type: ignore[arg-type] # the stub allows references only
        required=True,
    )


@dataclass
class CreateMoment(Operation):
    """The multipart form of a new moment; Litestar does not see it, because the handler parses the body itself."""

    request_body: Any = field(default_factory=_form)

    def __post_init__(self) -> None:
        self.request_body = _form()


def _blueprint() -> RequestBody:
    schema = Schema(type=OpenAPIType.OBJECT, description="A blueprint, or any part of one, valid or not")
    examples = {"lofi": Example(value=msgspec.json.decode(EXAMPLE_BLUEPRINT))}
    media = OpenAPIMediaType(schema=schema, examples=examples)  # type: ignore[arg-type] # as above
    return RequestBody(content={"application/json": media}, required=True)


@dataclass
class ValidateBlueprint(Operation):
    """The body of a review: it may be anything, so that the handler parses it itself."""

    request_body: Any = field(default_factory=_blueprint)

    def __post_init__(self) -> None:
        self.request_body = _blueprint()


class NoPages(Router):
    """Takes none of the pages that Litestar adds for its document: they load scripts from elsewhere."""

    def register(self, value: ControllerRouterHandler) -> list[BaseRoute]:  # noqa: ARG002 - the library's signature
        """Register nothing."""
        return []


def config() -> OpenAPIConfig:
    """Return what Litestar makes the document from."""
    return OpenAPIConfig(
        title="Main Character Moment",
        version=VERSION,
        description=DESCRIPTION,
        contact=Contact(name="The operator of this service"),
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        tags=[Tag(name, description) for name, description in TAGS.items()],
        openapi_router=NoPages("/", route_handlers=[]),
        render_plugins=[JsonRenderPlugin()],  # without one, there would be all of them
        use_handler_docstrings=True,
    )
