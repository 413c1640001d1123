"""The id of each request: in its response, in its problem, in the log, and stored with the job that it creates."""

import re
from random import getrandbits
from typing import Final

from litestar.types import ASGIApp, Receive, Scope, Send

from application.telemetry import job_id, request_id
from entrypoints.api.added_headers import with_headers

NAME: Final = b"x-request-id"
_HARMLESS: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")


def with_request_id(app: ASGIApp) -> ASGIApp:
    """Give every request an id, the client's own if it is harmless, and return it."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        offered = dict(scope["headers"]).get(NAME)
        value = offered if offered and _HARMLESS.fullmatch(offered) else b"%032x" % getrandbits(128)
        request_id.set(value.decode())
        job_id.set("")
        await app(scope, receive, _naming(value, send))

    return serve


def with_given_request_id(app: ASGIApp) -> ASGIApp:
    """Return the id that the request was given in this task: for what responds once the application was cut."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, _naming(request_id.get().encode(), send))

    return serve


def _naming(value: bytes, send: Send) -> Send:
    return with_headers(send, [(NAME, value)] if value else [])
