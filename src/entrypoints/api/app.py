"""The HTTP API over an open container."""

import re
from random import getrandbits
from typing import Final, cast

from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Message, Receive, Scope, Send

from domain.errors import MomentError
from entrypoints import logs
from entrypoints.api import blueprints, health, moments, objects, openapi, problems
from entrypoints.api.dependencies import provided_by
from entrypoints.api.lingering_close import lingering
from entrypoints.container import Container
from entrypoints.web import page

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_BODY_HEADERS: Final = frozenset({b"content-length", b"transfer-encoding"})
EXPOSED_HEADERS: Final = ["ETag", "Location", "X-Request-Id", "Retry-After", "Content-Range"]


class Api(Litestar):
    """Litestar, with an id on every request, its log lines and its answer, which waits for who is still sending."""

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        """Answer one request."""
        if scope["type"] == ScopeType.HTTP:
            headers = dict(cast("Scope", scope)["headers"])
            request_id = _request_id(headers.get(b"x-request-id", b""))
            logs.request_id.set(request_id)
            send = _with_id(request_id, cast("Send", send))
            if headers.keys() & _BODY_HEADERS:
                receive, send = lingering(cast("Receive", receive), send)
        await super().__call__(scope, receive, send)


def create_app(container: Container) -> Api:
    """Return the API; the container stays open as long as it serves."""
    settings = container.settings()
    handlers = [
        moments.create_moment_up_to(settings.max_upload_bytes),
        moments.read_status,
        moments.cancel_job,
        moments.delete_job,
        blueprints.blueprint_schema,
        blueprints.list_styles,
        health.healthz,
        health.readyz,
        openapi.openapi_json,
        page.home,
    ]
    if settings.spaces is None:
        handlers += [objects.read_object, objects.put_object_up_to(settings.max_upload_bytes)]
    origins = list(settings.cors_origins)
    return Api(
        handlers,
        dependencies=provided_by(container),
        exception_handlers={
            MomentError: problems.on_moment_error,
            HTTPException: problems.on_http_exception,
            Exception: problems.on_defect,
        },
        cors_config=CORSConfig(allow_origins=origins, expose_headers=EXPOSED_HEADERS) if origins else None,
        openapi_config=openapi.CONFIG,
        logging_config=None,
    )


def _with_id(request_id: str, send: Send) -> Send:
    header = (b"x-request-id", request_id.encode())

    async def send_with_id(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], header]
        await send(message)

    return send_with_id


def _request_id(offered: bytes) -> str:
    return offered.decode() if _REQUEST_ID.fullmatch(offered) else f"{getrandbits(128):032x}"
