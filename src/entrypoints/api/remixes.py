"""The route of remixes: another moment of the same hum."""

from functools import partial
from typing import Any

from litestar import Request, post
from litestar.openapi import ResponseSpec
from litestar.params import FromPath
from litestar.types import ASGIApp

from application import telemetry
from application.moments.remix_order import InvalidRemix, read_order
from domain.blueprints.validation import decoded
from domain.errors import InvalidBlueprint, Problem
from entrypoints.api.accepted_jobs import Accepted, answered_before, create_job
from entrypoints.api.dependencies import Once, Remix, Whose
from entrypoints.api.idempotency import KeyedRequest
from entrypoints.api.job_ids import parse_job_id
from entrypoints.api.openapi import NO_JOB, problem
from entrypoints.api.remix_body import MAX_BODY


@post(
    "/v1/jobs/{job_id:str}/remix",
    status_code=202,
    request_max_body_size=MAX_BODY,
    operation_id="remixJob",
    summary="Make another moment of the same hum",
    tags=["jobs"],
    responses={
        202: ResponseSpec(Accepted, description="accepted: follow Location", generate_examples=False),
        400: problem("no JSON, unknown fields, an invalid blueprint, invalid notes"),
        404: NO_JOB,
        409: problem(
            "its hum has not been heard yet (try again), or never will be; or a request with this Idempotency-Key is "
            "being carried out"
        ),
        413: problem("too large"),
        422: problem("the Idempotency-Key was sent with another request"),
        429: problem("as many of your jobs wait as may"),
        503: problem("the database or the object store is unavailable, or too many jobs wait"),
    },
)
async def remix_job(
    request: Request[Any, Any, Any], job_id: FromPath[str], caller: Whose, remix: Remix, submit_once: Once
) -> ASGIApp:
    """Create a job from the hum of another, with a changed blueprint, another style or kind, or edited notes.

    Nothing is uploaded or heard again, and stems that are still valid are copied.
    """
    parent_id, keyed = parse_job_id(job_id), KeyedRequest(request)
    if answer := await answered_before(keyed, submit_once):
        return answer
    document = _read(body := await request.body())
    order = read_order(document, request_id=telemetry.request_id.get(), caller=caller)
    fingerprint = keyed.fingerprint_of(document, body) if keyed.key else None
    return await create_job(partial(remix, parent_id, order), fingerprint, submit_once)


def _read(body: bytes) -> object:
    try:
        return decoded(body.decode())
    except UnicodeDecodeError as error:
        raise InvalidRemix([Problem("", "is not valid UTF-8")]) from error
    except InvalidBlueprint as error:
        raise InvalidRemix(error.problems) from error
