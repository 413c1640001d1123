"""What operators read: the state of the queue, its jobs, its workers."""

from datetime import datetime
from typing import Annotated, Final

from litestar import Response, get
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, QueryParameter

from application.access import Permission
from application.cursors import read_cursor, write_cursor
from application.ports.job_admin import JobFilter, JobPlace, QueueStats
from application.times import in_utc
from domain.jobs.transitions import JobStatus
from entrypoints.api.access_guard import requires
from entrypoints.api.dependencies import Administration, Endpoints, Registry, Webhooks
from entrypoints.api.job_ids import parse_job_id
from entrypoints.api.openapi import NO_DATABASE, problem
from entrypoints.api.operation_views import DeliveryStats, Fleet, JobPage, JobRow, JobTimeline

TAG: Final = "operations"
OPERATORS: Final = requires(Permission.OPERATE)
LONGEST_PAGE: Final = 200
LEASES: Final = 1000
SHOWN: Final = 32
"""Webhooks in a timeline, at most."""

TEXT: Final = r"^[ -~]{1,200}$"
_FRESH: Final = {"Cache-Control": "no-store"}

Status = Annotated[JobStatus | None, QueryParameter(description="Only jobs in this state")]
OfCode = Annotated[
    str | None, QueryParameter(description="Only jobs that failed with this code, or wait for it", pattern=TEXT)
]
OfWorker = Annotated[str | None, QueryParameter(description="Only jobs that this worker holds", pattern=TEXT)]
SinceThen = Annotated[datetime | None, QueryParameter(description="Only jobs accepted since then; UTC unless it says")]
Limit = Annotated[int, QueryParameter(ge=1, le=LONGEST_PAGE, description="How many jobs a page has, at most")]
Cursor = Annotated[str | None, QueryParameter(description="The `next_cursor` of the page before", max_length=200)]


@get(
    "/v1/operations/stats",
    opt=OPERATORS,
    operation_id="readStats",
    summary="Count the jobs",
    tags=[TAG],
    responses={200: ResponseSpec(QueueStats, description="the counts", generate_examples=False), 503: NO_DATABASE},
)
async def read_stats(administration: Administration) -> Response[QueueStats]:
    """Return how many jobs wait, run and end, what keeps them waiting, and what is paused.

    A queue of more than 5,000 jobs is counted once a minute: `counted_at` says when.
    """
    return Response(await administration.stats(), headers=_FRESH)


@get(
    "/v1/operations/jobs",
    opt=OPERATORS,
    operation_id="listAllJobs",
    summary="List everybody's jobs",
    tags=[TAG],
    responses={200: ResponseSpec(JobPage, description="a page", generate_examples=False), 503: NO_DATABASE},
)
async def list_jobs(
    administration: Administration,
    *,
    status: Status = None,
    code: OfCode = None,
    worker: OfWorker = None,
    since: SinceThen = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[JobPage]:
    """Return jobs: those that have not ended first, then the newest first.

    Where few are wanted of many, a page may be short, or empty: the list goes on as long as there is a `next_cursor`.
    """
    which = JobFilter(status=status, code=code, worker=worker, since=in_utc(since))
    place = None if cursor is None else read_cursor(cursor, JobPlace)
    page = await administration.list_jobs(which, limit, place)
    following = write_cursor(page.following) if page.following else None
    return Response(JobPage([JobRow.of(entry) for entry in page.entries], following), headers=_FRESH)


@get(
    "/v1/operations/jobs/{job_id:str}",
    opt=OPERATORS,
    operation_id="readTimeline",
    summary="Read what happened to a job",
    tags=[TAG],
    responses={
        200: ResponseSpec(JobTimeline, description="its timeline", generate_examples=False),
        404: problem("no such job"),
        503: NO_DATABASE,
    },
)
async def read_timeline(
    job_id: FromPath[str], administration: Administration, webhooks: Webhooks
) -> Response[JobTimeline]:
    """Return a job's states, attempts, calls of tools and webhooks, with its lease and what it has cost."""
    entry = await administration.show(parse_job_id(job_id))
    return Response(JobTimeline.of(entry, await webhooks.of_job(entry.id, SHOWN)), headers=_FRESH)


@get(
    "/v1/operations/workers",
    opt=OPERATORS,
    operation_id="listWorkers",
    summary="List workers and leases",
    tags=[TAG],
    responses={200: ResponseSpec(Fleet, description="the fleet", generate_examples=False), 503: NO_DATABASE},
)
async def list_workers(registry: Registry, administration: Administration) -> Response[Fleet]:
    """Return the workers, and the jobs that they hold now."""
    workers = await registry.working()
    held = await administration.list_jobs(JobFilter(leased=True), LEASES)
    return Response(Fleet(tuple(workers), [JobRow.of(entry) for entry in held.entries]), headers=_FRESH)


@get(
    "/v1/operations/deliveries",
    opt=OPERATORS,
    operation_id="readDeliveryStats",
    summary="Count the webhooks",
    tags=[TAG],
    responses={
        200: ResponseSpec(DeliveryStats, description="the counts now", generate_examples=False),
        503: NO_DATABASE,
    },
)
async def read_delivery_stats(webhooks: Webhooks, endpoints: Endpoints) -> Response[DeliveryStats]:
    """Return how many webhooks are still to be delivered, and the endpoints that are disabled."""
    counts, named = await webhooks.count(), await endpoints.list_endpoints()
    return Response(DeliveryStats.of(counts, named), headers=_FRESH)
