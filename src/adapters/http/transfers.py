"""Moves audio between signed URLs and files, streamed in constant memory."""

import hashlib
import random
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, TypeVar

import anyio
import httpx
from anyio import to_thread

from adapters.toolkit.kept_files import KeptFiles
from adapters.toolkit.workspaces import Workspaces
from application.ports.transfers import TransferFailed, TransferInterrupted
from domain.errors import BadAudio

CHUNK: Final = 256 * 1024
ATTEMPTS: Final = 3
BASE_DELAY: Final = 0.2
"""Seconds before the second attempt; doubles, with full jitter."""

TOTAL_SECONDS: Final = 300.0
TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)

T = TypeVar("T")


class _Transient(Exception):
    """A transient failure: the next attempt may succeed."""


class HttpTransfers:
    """Port `Transfers` over httpx."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        kept: KeptFiles,
        workspaces: Workspaces,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._kept = kept
        self._workspaces = workspaces
        self._chance = chance

    @asynccontextmanager
    async def workspace(self) -> AsyncIterator[Path]:
        """Return an empty temporary folder that is deleted at the end of the block, even on cancellation."""
        folder = await to_thread.run_sync(self._workspaces.create)
        try:
            yield folder
        finally:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(shutil.rmtree, folder, True)

    async def download(self, url: str, out: Path, max_bytes: int) -> None:
        """Write the content at a URL to a file.

        Raises:
            BadAudio: `file_too_large` past `max_bytes`.
            TransferFailed: The URL cannot be read.
            TransferInterrupted: It may be later.
            UrlNotAllowed: The client refuses its host, or that of a redirect.
        """
        await self._with_retries(url, lambda: self._download(url, out, max_bytes))

    async def upload(self, path: Path, url: str, mime_type: str) -> str:
        """PUT a file with its length and type; return its SHA-256 in hexadecimal.

        Raises:
            TransferFailed: The URL rejects it.
            TransferInterrupted: It may accept it later.
            UrlNotAllowed: The client refuses its host.
        """
        return await self._with_retries(url, lambda: self._upload(path, url, mime_type))

    async def keep(self, path: Path) -> Path:
        """Move a file to the folder of results under a unique name; return its path."""
        return await to_thread.run_sync(self._kept.keep, path)

    async def _with_retries(self, url: str, attempt: Callable[[], Awaitable[T]]) -> T:
        """Attempt a few times within the total time; only transient failures are retried."""
        _require_http(url)
        problem = f"it took more than {TOTAL_SECONDS:.0f} s"
        with anyio.move_on_after(TOTAL_SECONDS):
            for count in range(ATTEMPTS):
                try:
                    return await attempt()
                except _Transient as failure:
                    problem = str(failure)
                await anyio.sleep(BASE_DELAY * 2**count * self._chance() if count + 1 < ATTEMPTS else 0)
        raise TransferInterrupted(f"{_without_query(url)}: {problem}")

    async def _download(self, url: str, out: Path, max_bytes: int) -> None:
        try:
            async with self._client.stream("GET", url, timeout=TIMEOUT, follow_redirects=True) as response:
                _require_success(response)
                _require_no_page(response)
                await _write(response, out, max_bytes)
        except httpx.HTTPError as error:
            raise _Transient(_describe(error)) from error
        except (httpx.InvalidURL, UnicodeError) as error:
            raise TransferFailed(f"{_without_query(url)}: it redirects to what is no URL") from error

    async def _upload(self, path: Path, url: str, mime_type: str) -> str:
        digest = hashlib.sha256()
        size = (await anyio.Path(path).stat()).st_size
        headers = {"Content-Type": mime_type, "Content-Length": str(size)}
        try:
            response = await self._client.put(url, content=_read(path, digest), headers=headers, timeout=TIMEOUT)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _Transient(_describe(error)) from error
        _require_success(response)
        return digest.hexdigest()


async def _write(response: httpx.Response, out: Path, max_bytes: int) -> None:
    size = 0
    async with await anyio.open_file(out, "wb") as file:
        async for chunk in response.aiter_bytes(CHUNK):
            size += len(chunk)
            if size > max_bytes:
                raise BadAudio(f"the file is larger than {max_bytes} bytes", code="file_too_large")
            await file.write(chunk)


async def _read(path: Path, digest: "hashlib._Hash") -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        while chunk := await file.read(CHUNK):
            digest.update(chunk)
            yield chunk


def _require_http(url: str) -> None:
    try:
        parsed = httpx.URL(url)
        scheme, _ = parsed.scheme, parsed.host  # a name in broken punycode is noticed when it is read
    except (httpx.InvalidURL, UnicodeError) as error:
        raise TransferFailed(f"not a URL: {error}") from error
    if scheme not in {"http", "https"}:
        raise TransferFailed(f"only http and https URLs are supported, not {scheme or 'a path'!r}")


def _require_success(response: httpx.Response) -> None:
    if response.is_success:
        return
    problem = f"the server returned {response.status_code}"
    if response.is_server_error or response.status_code in {408, 429}:
        raise _Transient(problem)
    raise TransferFailed(f"{_without_query(str(response.url))}: {problem}")


def _require_no_page(response: httpx.Response) -> None:
    """Refuse a page for people with status 200: a proxy says that the store is away."""
    if response.headers.get("content-type", "").partition(";")[0].strip() in {"text/html", "application/xhtml+xml"}:
        raise _Transient("a page was returned instead of audio")


def _without_query(url: str) -> str:
    """Return the URL without its query and credentials: signatures are secrets."""
    return str(httpx.URL(url).copy_with(query=None, userinfo=b""))


def _describe(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()
