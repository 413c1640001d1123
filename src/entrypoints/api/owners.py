"""The routes of owners of keys: their jobs, and what they have used."""

from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.exceptions import ValidationException
from litestar.openapi import ResponseSpec
from litestar.params import QueryParameter

from application.access import KeyMissing
from application.keys.quotas import UsageReport
from application.moments.client_readers import MAX_REFERENCE
from application.moments.list_jobs import ListedJobs
from application.ports.job_lists import Wanted
from application.times import in_utc
from domain.jobs.transitions import JobStatus
from domain.music.styles.registry import STYLES
from entrypoints.api.dependencies import List, Spending, Whose
from entrypoints.api.openapi import NO_DATABASE, problem

PATH: Final = "/v1/jobs"
USUAL, MOST = 20, 100


@get(
    PATH,
    operation_id="listJobs",
    summary="List one's own jobs",
    tags=["jobs"],
    responses={
        200: ResponseSpec(ListedJobs, description="a page, newest first", generate_examples=False),
        400: problem("a cursor, a limit or a filter is invalid"),
        503: NO_DATABASE,
    },
)
async def list_jobs(
    request: Request[Any, Any, Any],
    caller: Whose,
    list_owned: List,
    *,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST, description="Jobs on a page")] = USUAL,
    cursor: Annotated[str | None, QueryParameter(description="The `next_cursor` of the page before")] = None,
    status: Annotated[JobStatus | None, QueryParameter(description="Only jobs in this state")] = None,
    style: Annotated[str | None, QueryParameter(description="Only jobs in this style, by its name")] = None,
    client_reference: Annotated[
        str | None, QueryParameter(max_length=MAX_REFERENCE, description="Only jobs that the client calls so")
    ] = None,
    created_after: Annotated[datetime | None, QueryParameter(description="Only jobs accepted then or later")] = None,
    created_before: Annotated[datetime | None, QueryParameter(description="Only jobs accepted earlier")] = None,
) -> Response[ListedJobs]:
    """List the jobs of the key's owner. A page may have fewer jobs than `limit`: go on while there is a next one."""
    if style is not None and style not in STYLES:
        raise ValidationException(extra=[{"key": "style", "message": f"must be one of {', '.join(STYLES)}"}])
    if client_reference is not None and not client_reference.isprintable():
        raise ValidationException(extra=[{"key": "client_reference", "message": "must be printable"}])
    wanted = Wanted(
        status=status,
        style=style,
        reference=client_reference,
        after=in_utc(created_after),
        before=in_utc(created_before),
    )
    page = await list_owned(caller, wanted, cursor, limit)
    return Response(page, headers=_link(request, page.next_cursor))


@get(
    "/v1/usage",
    operation_id="readUsage",
    summary="What the owner of the key has used",
    tags=["jobs"],
    responses={
        200: ResponseSpec(UsageReport, description="by month, newest first", generate_examples=False),
        503: NO_DATABASE,
    },
)
async def read_usage(caller: Whose, quotas: Spending) -> UsageReport:
    """Return how many moments and seconds of music the owner of the key has used in each month, and their quota."""
    if not caller.owner:
        raise KeyMissing
    return await quotas.report(caller)


def _link(request: Request[Any, Any, Any], cursor: str | None) -> dict[str, str]:
    """Return the header that leads to the next page (RFC 8288)."""
    if cursor is None:
        return {}
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return {"Link": f'<{PATH}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'}
