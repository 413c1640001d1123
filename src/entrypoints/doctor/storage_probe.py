"""A probe object: written, read, read and overwritten through signed URLs, and always removed."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import anyio
import httpx

from adapters.http.clients import open_visitor
from application.ports.objects import ObjectStorage, in_one_piece
from domain.errors import MomentError
from entrypoints.doctor.report import Explain, ProbeResult, Report, Verdict

CONTENT: Final = b"Written by `moment doctor`; it may be removed.\n"
MIME_TYPE: Final = "text/plain"
PREFIX: Final = "moment-doctor/"
LEFT: Final = 100
ABANDONED: Final = timedelta(hours=1)
"""After so long, a probe is one of a run that was killed; the next run removes it."""

_CODE: Final = re.compile(r"<Code>(\w+)</Code>|\"code\": ?\"(\w+)\"")


class SignedUrlRefused(MomentError):
    """A signed URL did not do what it was signed for; `store_code` is the store's own error code, if it sent one."""

    code = "storage_denied"

    def __init__(self, message: str, *, store_code: str = "") -> None:
        super().__init__(message)
        self.store_code = store_code


@asynccontextmanager
async def anonymous_client(seconds: float) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a plain HTTP client, like a browser: without keys, trusting the public certificate authorities only."""
    async with open_visitor(timeout=seconds) as client:
        yield client


class StorageProbe:
    """Tries everything that the service does with a store.

    The probe's key is none of a job's: the bucket may not be marked yet, and objects without a job speak against that.
    """

    def __init__(self, store: ObjectStorage, http: httpx.AsyncClient, report: Report, explain: Explain) -> None:
        self._store = store
        self._http = http
        self._report = report
        self._explain = explain
        self._key = f"{PREFIX}{uuid4()}"

    async def check(self) -> bool:
        """Run all probes and return whether the store could be written; the object is removed in every case."""
        written = False
        try:
            written = await self._report.check("bucket write", self._write, self._explain)
            if written:
                await self._report.check("bucket read", self._read, self._explain)
                await self._report.check("signed GET", self._get, self._explain)
                await self._report.check("signed PUT", self._put, self._explain)
        finally:
            with anyio.CancelScope(shield=True):
                await self._clear(written=written)
        return written

    async def _write(self) -> ProbeResult:
        await self._store.put(self._key, in_one_piece(CONTENT), MIME_TYPE)
        return ProbeResult(f"wrote {len(CONTENT)} bytes")

    async def _read(self) -> ProbeResult:
        stored = await self._store.stat(self._key)
        if (stored.size, stored.mime_type) != (len(CONTENT), MIME_TYPE):
            return ProbeResult(
                f"found {stored.size} bytes of {stored.mime_type} instead", Verdict.FAIL, "use another store"
            )
        return ProbeResult("read it, with its length and type")

    async def _get(self) -> ProbeResult:
        answer = await self._http.get(await self._store.sign_get(self._key), follow_redirects=True)
        _require_success(answer)
        if answer.content != CONTENT:
            raise SignedUrlRefused("the signed URL returns something else")
        return ProbeResult(f"a plain HTTP client read it from {answer.url.host}")

    async def _put(self) -> ProbeResult:
        url = await self._store.sign_put(self._key, MIME_TYPE)
        answer = await self._http.put(url, content=CONTENT[::-1] + CONTENT, headers={"Content-Type": MIME_TYPE})
        _require_success(answer)
        if (await self._store.stat(self._key)).size != 2 * len(CONTENT):
            raise SignedUrlRefused("the upload to the signed URL was not stored")
        return ProbeResult(f"a plain HTTP client uploaded it to {answer.url.host}")

    async def _clear(self, *, written: bool) -> None:
        """Delete the object; silently if writing failed, since it may have been written nevertheless."""
        if written:
            await self._report.check("bucket delete", self._delete, self._explain)
            return
        with suppress(MomentError), anyio.move_on_after(self._report.seconds):
            await self._store.delete(self._key)

    async def _delete(self) -> ProbeResult:
        if await self._store.delete(self._key) != 1:
            return ProbeResult("the object was not listed", Verdict.FAIL, f"remove {self._key} manually")
        for left in await self._store.list_page(PREFIX, LEFT):
            if left.key.startswith(PREFIX) and left.modified_at < datetime.now(UTC) - ABANDONED:
                await self._store.delete(left.key)
        return ProbeResult("removed it")


def _require_success(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    found = _CODE.search(answer.text)
    code = (found[1] or found[2]) if found else ""
    raise SignedUrlRefused(f"{answer.request.method} returned {answer.status_code} {code}".strip(), store_code=code)
