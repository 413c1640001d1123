"""Downloads from the embedded store in a bounded number: whoever reads slowly holds a connection and its buffers."""

import msgspec
from litestar.types import ASGIApp, Receive, Scope, Send

from application.client_shares import ClientShare, ClientShares
from entrypoints.api.client_addresses import client_of
from entrypoints.api.object_sharing import is_object
from entrypoints.api.problem_documents import encoded_problem


class DownloadLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How many downloads a process serves at once; those that nobody reads are cut (`request_bodies.Limits.reading`).

    Attributes:
        downloads: Of all clients.
        of_client: To one address.
    """

    downloads: int = 256
    of_client: int = 64


class Downloads:
    """Counts the downloads of a process, and where they go to."""

    def __init__(self, limits: DownloadLimits) -> None:
        self._shares = ClientShares(
            ClientShare(
                limits.downloads, "downloads_busy", "too many files are downloaded at the same time; try again"
            ),
            ClientShare(
                limits.of_client, "too_many_downloads", "too many files are downloaded to this address at the same time"
            ),
        )

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return the application with its downloads limited."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            if not _is_download(scope):
                await app(scope, receive, send)
                return
            client = client_of(scope)
            if share := self._shares.exhausted(client):
                await encoded_problem(share.code, share.detail)(scope, receive, send)
                return
            with self._shares.taken(client):
                await app(scope, receive, send)

        return serve


def _is_download(scope: Scope) -> bool:
    return scope["method"] == "GET" and is_object(scope["path"])  # type: ignore[typeddict-item] # HTTP
