"""The headers that tell browsers what a response must not be used for (OWASP, "HTTP Security Response Headers")."""

from typing import Final

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from application.objects.signed_objects import OBJECTS_PATH
from entrypoints.web.content_security import MEDIA, NAME, NOTHING

_POLICY: Final = NAME.lower().encode()
_OBJECTS: Final = f"{OBJECTS_PATH}/"
_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),  # what a musician uploaded must not run as a script
    (b"referrer-policy", b"no-referrer"),  # a job's id and a signed URL are permissions
)
_HSTS: Final = (b"strict-transport-security", b"max-age=31536000")


class SecurityHeaders:
    """Adds the headers to every response.

    Args:
        behind_tls: Whether clients reach us by https: then browsers never try anything else again.
    """

    def __init__(self, *, behind_tls: bool) -> None:
        self._always = (*_ALWAYS, _HSTS) if behind_tls else _ALWAYS

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return the application with the headers."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            # Whoever has a signed URL may play it on a page of any origin. All else is for our own pages; what
            # CORS_ORIGINS names is requested with CORS, which this header does not touch.
            is_object = scope["path"].startswith(_OBJECTS)
            shared, policy = (b"cross-origin", MEDIA) if is_object else (b"same-origin", NOTHING)
            headers = [*self._always, (b"cross-origin-resource-policy", shared)]

            async def send_with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = _with_policy([*message["headers"], *headers], policy)
                await send(message)

            await app(scope, receive, send_with_headers)

        return serve


def _with_policy(headers: list[tuple[bytes, bytes]], policy: str) -> list[tuple[bytes, bytes]]:
    """Add a policy, unless the response has its own."""
    if any(name.lower() == _POLICY for name, _ in headers):
        return headers
    return [*headers, (_POLICY, policy.encode())]
