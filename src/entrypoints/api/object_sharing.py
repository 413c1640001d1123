"""Signed URLs for pages of any origin (CORS, WHATWG Fetch): whoever has one may use it, and no cookie goes along.

The page at `http://localhost:8000` gets URLs of `PUBLIC_URL`, which is `http://127.0.0.1:8000` there: another origin.
"""

from typing import Final

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from application.objects.signed_objects import OBJECTS_PATH

_OBJECTS: Final = f"{OBJECTS_PATH}/"
_ALLOWED: Final = b"access-control-allow-origin"
_ANY: Final = (_ALLOWED, b"*")
_EXPOSED: Final = (
    b"access-control-expose-headers",
    b"Accept-Ranges, Content-Length, Content-Range, ETag, X-Request-Id",
)
_PREFLIGHT: Final = [
    _ANY,
    (b"access-control-allow-methods", b"GET, HEAD, PUT"),
    (b"access-control-allow-headers", b"*, Authorization, Content-Type, If-None-Match, If-Range, Prefer, Range"),
    (b"access-control-max-age", b"3600"),
]


def is_object(path: str) -> bool:
    """Return whether a path is that of a signed URL."""
    return path.startswith(_OBJECTS)


def with_shared_objects(app: ASGIApp) -> ASGIApp:
    """Let scripts of every origin use signed URLs, and answer what browsers ask before."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if not is_object(scope["path"]):
            await app(scope, receive, send)
        elif _is_preflight(scope):
            await send({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await app(scope, receive, _open(send))

    return serve


def _is_preflight(scope: Scope) -> bool:
    asked = any(name == b"access-control-request-method" for name, _ in scope["headers"])
    return asked and scope["method"] == "OPTIONS"  # type: ignore[typeddict-item] # only HTTP requests get here


def _open(send: Send) -> Send:
    async def send_shared(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = [(name, value) for name, value in message["headers"] if not name.lower().startswith(b"access-")]
            message["headers"] = [*given, _ANY, _EXPOSED]
        await send(message)

    return send_shared
