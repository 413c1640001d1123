"""The health checks of orchestrators: liveness and readiness."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import anyio
import msgspec
from litestar import Response, get

from application.version import VERSION
from domain.errors import MomentError
from entrypoints.api.dependencies import Jobs, Store

PING_SECONDS: Final = 2.0
OK: Final = "ok"


class Health(msgspec.Struct, frozen=True):
    """The process answers, and its version."""

    status: str
    version: str


class Readiness(msgspec.Struct, frozen=True):
    """Whether requests can be served, and the state of each part: `ok`, or the code of its error."""

    status: str
    parts: dict[str, str]


@get("/healthz", operation_id="health", summary="Liveness", tags=["operations"])
async def healthz() -> Health:
    """Return 200 while the process runs."""
    return Health(OK, VERSION)


@get("/readyz", operation_id="readiness", summary="Readiness", tags=["operations"])
async def readyz(jobs: Jobs, store: Store) -> Response[Readiness]:
    """Check the database and the object store; 503 if one of them does not answer in time."""
    parts = {"database": "", "storage": ""}

    async def check(name: str, ping: Callable[[], Awaitable[Any]]) -> None:
        parts[name] = await _state(ping)

    async with anyio.create_task_group() as checks:
        checks.start_soon(check, "database", jobs.ping)
        checks.start_soon(check, "storage", store.ping)
    ready = set(parts.values()) == {OK}
    status = Readiness(OK if ready else "unavailable", parts)
    return Response(status, status_code=200 if ready else 503, headers={"Cache-Control": "no-store"})


async def _state(ping: Callable[[], Awaitable[Any]]) -> str:
    try:
        with anyio.fail_after(PING_SECONDS):
            await ping()
    except TimeoutError:
        return "timeout"
    except MomentError as error:
        return error.code
    return OK
