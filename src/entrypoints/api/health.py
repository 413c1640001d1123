"""The routes that orchestrators ask: alive, and ready."""

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
    """That the process answers, and which version it is."""

    status: str
    version: str


class Readiness(msgspec.Struct, frozen=True):
    """Whether requests would be served, and what each part says: `ok`, or the code of its error."""

    status: str
    parts: dict[str, str]


@get("/healthz", operation_id="health", summary="Alive", tags=["operations"])
async def healthz() -> Health:
    """Answer as long as the process does."""
    return Health(OK, VERSION)


@get("/readyz", operation_id="readiness", summary="Ready", tags=["operations"])
async def readyz(jobs: Jobs, store: Store) -> Response[Readiness]:
    """Ask the database and the object store; 503 when one of them does not answer in time."""
    parts = {"database": "", "storage": ""}

    async def ask(name: str, ping: Callable[[], Awaitable[Any]]) -> None:
        parts[name] = await _state(ping)

    async with anyio.create_task_group() as asking:
        asking.start_soon(ask, "database", jobs.ping)
        asking.start_soon(ask, "storage", store.ping)
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
