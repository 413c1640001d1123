"""The route that follows a job by Server-Sent Events."""

from typing import Any, Final

from litestar import Request, Response, get, head
from litestar.openapi import ResponseSpec
from litestar.params import FromPath
from litestar.types import ASGIApp

from entrypoints.api.dependencies import Jobs, Streams
from entrypoints.api.event_streams import HEADERS, MEDIA_TYPE
from entrypoints.api.job_ids import parse_job_id
from entrypoints.api.openapi import NO_JOB, problem

PATH: Final = "/v1/jobs/{job_id:str}/events"
DOCUMENTED: Final = {
    200: ResponseSpec(
        str,
        description="events, until the job has ended: `status` and `artifact` have ids, `progress` has none",
        media_type=MEDIA_TYPE,
        generate_examples=False,
    ),
    204: ResponseSpec(None, description="the job has ended, and Last-Event-ID names its last event"),
    404: NO_JOB,
    429: problem("too many streams from this address"),
    503: problem("too many streams, or the database is unavailable"),
}


@get(
    PATH,
    operation_id="followEvents",
    summary="Follow a job by Server-Sent Events",
    tags=["jobs"],
    responses=DOCUMENTED,
)
async def follow_events(request: Request[Any, Any, Any], job_id: FromPath[str], streams: Streams) -> ASGIApp:
    """Stream a job's states, files and progress as they come; `Last-Event-ID` continues a stream."""
    return await streams(parse_job_id(job_id), request.headers.get("last-event-id", ""))


@head(PATH, include_in_schema=False)
async def find_events(job_id: FromPath[str], jobs: Jobs) -> Response[None]:
    """Return the headers of the stream, if there is such a job."""
    await jobs.get(parse_job_id(job_id))
    return Response(None, headers={name.decode(): value.decode() for name, value in HEADERS})
