"""Routes that will go: since when, until when, and what to use instead (docs/api.md, "What may change").

Every response of such a route says so: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), and a link to where the
documentation says what to use instead.
"""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

import msgspec
from litestar.types import ASGIApp, Receive, Scope, Send

from entrypoints.api.added_headers import with_headers

DEPRECATION: Final = "Deprecation"
SUNSET: Final = "Sunset"
LINK: Final = "Link"


class Deprecated(msgspec.Struct, frozen=True):
    """A route that will go.

    Attributes:
        since: From when on it is deprecated.
        sunset: From when on it may be missing: twelve months later, at the earliest.
        operation: Its tag and its `operationId`, by which the documentation is opened there.
        instead: What to use, as a sentence.
    """

    since: datetime
    sunset: datetime
    operation: str
    instead: str

    @property
    def headers(self) -> dict[str, str]:
        """The headers of its responses."""
        return {
            DEPRECATION: f"@{int(self.since.timestamp())}",
            SUNSET: format_datetime(self.sunset, usegmt=True),
            LINK: f'</docs#/{self.operation}>; rel="deprecation"; type="text/html"',
        }


ROUTES: Final = {
    "/v1/proxy-audio": Deprecated(
        since=datetime(2026, 12, 1, tzinfo=UTC),
        sunset=datetime(2027, 12, 1, tzinfo=UTC),
        operation="jobs/proxyAudio",
        instead="Use the URLs of a status as they are, or `GET /v1/jobs/{job_id}/audio`.",
    )
}
"""By path. The two routes of the first version, `POST /v1/create-moment` and `GET /v1/status/{job_id}`, stay."""

_ENCODED: Final = {
    path: [(name.lower().encode(), value.encode()) for name, value in found.headers.items()]
    for path, found in ROUTES.items()
}


def with_deprecations(app: ASGIApp) -> ASGIApp:
    """Return the application whose deprecated routes say so, in errors as well."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, with_headers(send, _ENCODED.get(scope["path"], ())))

    return serve
