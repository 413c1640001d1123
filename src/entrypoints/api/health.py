"""The health checks of orchestrators: liveness and readiness.

Readiness is about what this process alone must have, the database. An object store that is away is reported and
changes nothing: it is away from every api at the same time, and what does not need it, above all the status of jobs,
must go on. What needs it answers with `storage_unavailable` by itself.
"""

import asyncio
from http import HTTPStatus
from typing import Final

import msgspec
from litestar import Response, get
from litestar.openapi import ResponseSpec

from application.version import VERSION
from entrypoints.api.dependencies import Guard, Jobs, Stopping, StorageState, Store
from entrypoints.api.part_states import OK, state_of

DEGRADED: Final = "degraded"
UNAVAILABLE: Final = "unavailable"
STOPPING: Final = "stopping"


class Health(msgspec.Struct, frozen=True):
    """The process answers, and its version."""

    status: str
    version: str


class Readiness(msgspec.Struct, frozen=True):
    """Whether requests can be served, and the state of each part: `ok`, or the code of its error.

    Attributes:
        status: `ok`; `degraded`: what needs the object store fails; `unavailable`: everything but pages fails;
            `stopping`: the process ends soon. The first two come with status 200, the others with 503.
        parts: By name; empty if the process is stopping.
    """

    status: str
    parts: dict[str, str]


@get(
    "/healthz",
    operation_id="health",
    summary="Liveness",
    tags=["health"],
    response_description="the process runs",
)
async def healthz() -> Health:
    """Return 200 while the process runs."""
    return Health(OK, VERSION)


@get(
    "/readyz",
    operation_id="readiness",
    summary="Readiness",
    tags=["health"],
    response_description="ready, or degraded",
    responses={503: ResponseSpec(Readiness, description="not ready, or stopping", generate_examples=False)},
)
async def readyz(
    jobs: Jobs, store: Store, bucket_guard: Guard, storage_state: StorageState, stopping: Stopping
) -> Response[Readiness]:
    """Return 200 while the database answers, whatever the object store does; 503 if not, or if the process stops."""
    if stopping.is_set():
        return _response(Readiness(STOPPING, {}))

    async def try_storage() -> None:
        await store.ping()
        await bucket_guard()

    database, storage = await asyncio.gather(state_of(jobs.ping), storage_state.get(try_storage))
    status = UNAVAILABLE if database != OK else OK if storage == OK else DEGRADED
    return _response(Readiness(status, {"database": database, "storage": storage}))


def _response(readiness: Readiness) -> Response[Readiness]:
    serves = readiness.status in {OK, DEGRADED}
    status_code = HTTPStatus.OK if serves else HTTPStatus.SERVICE_UNAVAILABLE
    return Response(readiness, status_code=status_code, headers={"Cache-Control": "no-store"})
