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
    RequestBody,
    Schema,
    Tag,
)
from litestar.routes import BaseRoute
from litestar.types import ControllerRouterHandler

from application.version import VERSION
from entrypoints.api.problem_documents import MEDIA_TYPE, ProblemDocument
from entrypoints.api.request_body import EXAMPLE_BLUEPRINT

DESCRIPTION: Final = (
    "Hum a tune, hear it back seconds later as your own theme music. Every error is a problem (RFC 9457) with a stable "
    "`code`, whose meaning is at [/docs/errors](/docs/errors). Every `GET` has a `HEAD`."
)
TAGS: Final = {
    "moments": "Send a hum, read how far its music is.",
    "jobs": "Follow, stop, retry and delete the job that makes a moment, and link to its files.",
    "webhooks": "What was told to others about a job, and telling it again.",
    "blueprints": "The plan of a moment: its schema, a review of one, the styles.",
    "operations": "For operators: the queue, its jobs and workers. They need a key with the scope `operate`, or to be "
    "on the machine itself.",
    "health": "For orchestrators and load balancers.",
}


def problem(description: str) -> ResponseSpec:
    """Return the description of an error response."""
    return ResponseSpec(ProblemDocument, description=description, media_type=MEDIA_TYPE, generate_examples=False)


NO_JOB: Final = problem("no such job, or it was deleted")
NO_DATABASE: Final = problem("the database is unavailable")
NO_STORE: Final = problem("the database or the object store is unavailable")
"""What many routes may answer."""


def _blueprint() -> RequestBody:
    schema = Schema(type=OpenAPIType.OBJECT, description="A blueprint, or any part of one, valid or not")
    examples = {"lofi": Example(value=msgspec.json.decode(EXAMPLE_BLUEPRINT))}
    media = OpenAPIMediaType(schema=schema, examples=examples)  # type: ignore[arg-type] # the stub allows references only
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
