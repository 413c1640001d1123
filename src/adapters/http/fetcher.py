"""Downloads the result of a tool that does not upload it itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx

from application.ports.objects import Chunks
from application.ports.tools import ToolsUnavailable

CHUNK: Final = 256 * 1024
TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)


class HttpFetcher:
    """Port `Fetcher` over httpx."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @asynccontextmanager
    async def fetch(self, url: str) -> AsyncIterator[Chunks]:
        """Stream the content of a URL for the duration of the block.

        Raises:
            ToolsUnavailable: On entry, or while the content is read.
        """
        try:
            async with self._client.stream("GET", url, timeout=TIMEOUT, follow_redirects=True) as response:
                if not response.is_success:
                    raise ToolsUnavailable(f"the URL of the tool's result returned {response.status_code}")
                yield _chunks(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unreadable(error) from error


async def _chunks(response: httpx.Response) -> Chunks:
    try:
        async for chunk in response.aiter_bytes(CHUNK):
            yield chunk
    except httpx.HTTPError as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> ToolsUnavailable:
    return ToolsUnavailable(f"the tool's result could not be downloaded: {type(error).__name__} {error}".strip())
