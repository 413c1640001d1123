"""The one guard of all routes: what a request needs a key for, and that nobody sees somebody else's jobs.

A route of `/v1/` that reads needs the scope `read`, every other one `create`; `requires` names another one. Every route
with a parameter `job_id` is closed to those who may not see that job: handlers need not think of it.
"""

from typing import Any, Final

from litestar.types import ASGIApp, Receive, Scope, Send

from application.access import Caller, KeyMissing, Permission
from application.keys.job_access import JobAccess
from entrypoints.api.callers import REFUSAL_KEY, STATE_KEY, needs_caller
from entrypoints.api.job_ids import parse_job_id
from entrypoints.api.origin_checks import SAFE_METHODS

PERMISSION: Final = "permission"


def requires(permission: Permission) -> dict[str, Any]:
    """Return the option of a route that needs this permission: `@get(…, opt=requires(Permission.OPERATE))`."""
    return {PERMISSION: permission}


class AccessGuard:
    """Checks each request once its route is known. (A guard of Litestar's would copy the handler for each request.)"""

    def __init__(self, job_access: JobAccess) -> None:
        self._job_access = job_access

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return a route that serves those who may use it.

        Raises:
            KeyMissing, KeyInvalid, PermissionMissing, JobNotFound: The caller may not.
            DatabaseUnavailable: It cannot be found out now.
        """

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            if needs_caller(scope["path"]):
                await self._check(scope)
            await app(scope, receive, send)

        return serve

    async def _check(self, scope: Scope) -> None:
        if refusal := scope["state"].get(REFUSAL_KEY, _UNKNOWN):
            raise refusal
        caller: Caller = scope["state"][STATE_KEY]
        options: dict[str, Any] = scope["route_handler"].opt
        caller.require(options.get(PERMISSION) or _usual(scope["method"]))  # type: ignore[typeddict-item] # only HTTP
        text = scope["path_params"].get("job_id")
        if text is not None:
            await self._job_access(caller, parse_job_id(text))


_UNKNOWN: Final = KeyMissing()
"""Of a request whose caller was not looked for."""


def _usual(method: str) -> Permission:
    return Permission.READ if method in SAFE_METHODS else Permission.CREATE
