"""The routes about blueprints: their schema, a review of one, the styles."""

from typing import Any, Final

import anyio.to_thread
from litestar import Request, Response, get, post

from application.moments.request_fields import FIELDS
from domain.blueprints.blueprint import schema
from domain.blueprints.review import Review, review_text
from entrypoints.api.openapi import ValidateBlueprint, problem

SCHEMA_TYPE: Final = "application/schema+json"
_CACHED: Final = "public, max-age=3600"


@get(
    "/v1/blueprints/schema",
    media_type=SCHEMA_TYPE,
    operation_id="blueprintSchema",
    summary="JSON Schema of blueprints",
    tags=["blueprints"],
    response_description="the schema",
)
async def blueprint_schema() -> Response[dict[str, Any]]:
    """Return the JSON Schema (2020-12) that every blueprint is checked against."""
    return Response(schema(), media_type=SCHEMA_TYPE, headers={"Cache-Control": _CACHED})


@post(
    "/v1/blueprints/validate",
    status_code=200,
    request_max_body_size=FIELDS["blueprint_json"].max_bytes,
    operation_class=ValidateBlueprint,
    operation_id="validateBlueprint",
    summary="Review a blueprint",
    tags=["blueprints"],
    response_description="what is wrong with it, and the nearest valid one",
    responses={413: problem("too large")},
)
async def validate_blueprint(request: Request[Any, Any, Any]) -> Review:
    """Return everything that is wrong with a blueprint or a part of one, and the nearest valid one.

    Whatever the body is, the answer is 200: an invalid blueprint is no failure of this request.
    """
    return await anyio.to_thread.run_sync(review_text, await request.body())
