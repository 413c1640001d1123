"""The one guard of all routes: what a request needs a key for, and that nobody sees somebody else's jobs.

A route of `/v1/` that reads needs the scope `read`, every other one `create`; `requires` names another one. Every route
with a parameter `job_id` is closed to those who may not see that job: handlers need not think of it.
"""

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from application.access import Caller, Permission
from application.keys.job_access import JobAccess
from entrypoints.api.callers import REFUSAL_KEY, STATE_KEY, needs_caller
from entrypoints.api.job_ids import parse_job_id
from entrypoints.api.origin_checks import SAFE_METHODS

PERMISSION: Final = "permission"

Connection = ASGIConnection[Any, Any, Any, Any]


def requires(permission: Permission) -> dict[str, Any]:
    """Return the option of a route that needs this permission: `@get(…, opt=requires(Permission.OPERATE))`."""
    return {PERMISSION: permission}


def guard_of(job_access: JobAccess) -> Guard:
    """Return the guard."""

    async def check(connection: Connection, handler: BaseRouteHandler) -> None:
        scope = connection.scope
        if not needs_caller(scope["path"]):
            return
        if refusal := scope["state"].get(REFUSAL_KEY):
            raise refusal
        caller: Caller = scope["state"][STATE_KEY]
        caller.require(handler.opt.get(PERMISSION) or _usual(scope["method"]))  # type: ignore[typeddict-item] # HTTP
        if (text := connection.path_params.get("job_id")) is not None:
            await job_access(caller, parse_job_id(text))

    return check


def _usual(method: str) -> Permission:
    return Permission.READ if method in SAFE_METHODS else Permission.CREATE
