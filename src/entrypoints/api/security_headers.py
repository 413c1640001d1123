"""The headers that tell browsers what a response must not be used for (OWASP, "HTTP Security Response Headers")."""

from typing import Final

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from entrypoints.api.object_sharing import is_object
from entrypoints.web.content_security import MEDIA, NAME, NOTHING

_POLICY: Final = NAME.lower().encode()
_RESOURCES: Final = b"cross-origin-resource-policy"
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
        always = (*_ALWAYS, _HSTS) if behind_tls else _ALWAYS
        # Whoever has a signed URL may play it on a page of any origin. All else is for our own pages; what
        # CORS_ORIGINS names is requested with CORS, which this header does not touch.
        self._of_objects = [*always, (_RESOURCES, b"cross-origin"), (_POLICY, MEDIA.encode())]
        self._of_others = [*always, (_RESOURCES, b"same-origin"), (_POLICY, NOTHING.encode())]

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return the application with the headers; a page's own policy stays."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            own = self._of_objects if is_object(scope["path"]) else self._of_others

            async def send_with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    given = message["headers"]
                    has_policy = any(name.lower() == _POLICY for name, _ in given)
                    message["headers"] = [*given, *(own[:-1] if has_policy else own)]
                await send(message)

            await app(scope, receive, send_with_headers)

        return serve
