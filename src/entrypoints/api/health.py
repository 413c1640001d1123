"""The health checks of orchestrators: liveness and readiness."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

import anyio
import msgspec
from litestar import Response, get

from application.version import VERSION
from domain.errors import MomentError
from entrypoints.api.dependencies import Jobs, Stopping, Store

PING_SECONDS: Final = 2.0
OK: Final = "ok"
STOPPING: Final = "stopping"


class Health(msgspec.Struct, frozen=True):
    """The process answers, and its version."""

    status: str
    version: str


class Readiness(msgspec.Struct, frozen=True):
    """Whether requests can be served, and the state of each part: `ok`, or the code of its error.

    Attributes:
        status: `ok`, `unavailable`, or `stopping`: the process ends soon, send requests elsewhere.
        parts: By name; empty if the process is stopping.
    """

    status: str
    parts: dict[str, str]


@get("/healthz", operation_id="health", summary="Liveness", tags=["operations"])
async def healthz() -> Health:
    """Return 200 while the process runs."""
    return Health(OK, VERSION)


@get("/readyz", operation_id="readiness", summary="Readiness", tags=["operations"])
async def readyz(jobs: Jobs, store: Store, stopping: Stopping) -> Response[Readiness]:
    """Check the database and the object store; 503 if one of them does not answer in time, or if the process stops."""
    if stopping.is_set():
        return _response(Readiness(STOPPING, {}))
    parts = {"database": "", "storage": ""}

    async def check(name: str, ping: Callable[[], Awaitable[Any]]) -> None:
        parts[name] = await _state(ping)

    async with anyio.create_task_group() as checks:
        checks.start_soon(check, "database", jobs.ping)
        checks.start_soon(check, "storage", store.ping)
    ready = set(parts.values()) == {OK}
    return _response(Readiness(OK if ready else "unavailable", parts))


def _response(readiness: Readiness) -> Response[Readiness]:
    status_code = HTTPStatus.OK if readiness.status == OK else HTTPStatus.SERVICE_UNAVAILABLE
    return Response(readiness, status_code=status_code, headers={"Cache-Control": "no-store"})


async def _state(ping: Callable[[], Awaitable[Any]]) -> str:
    try:
        with anyio.fail_after(PING_SECONDS):
            await ping()
    except TimeoutError:
        return "timeout"
    except MomentError as error:
        return error.code
    return OK
