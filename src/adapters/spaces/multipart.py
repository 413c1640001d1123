"""Multipart uploads in constant memory."""

import contextlib
from collections.abc import AsyncIterator
from io import IOBase
from typing import Any, Final

import anyio
from anyio.abc import TaskGroup

from adapters.spaces.errors import translated
from adapters.spaces.transfers import Transfers
from domain.errors import MomentError

PART_SIZE: Final = 8 * 1024 * 1024
PARTS_AT_ONCE: Final = 2
CALL_SECONDS: Final = 15.0
"""How long a call without a body may take, with its retries."""

ABORT_SECONDS: Final = 5.0


class MultipartUpload:
    """One multipart upload: all of its parts become the object, or none does.

    At most `PARTS_AT_ONCE` parts are in memory, whether being read or being sent.
    """

    def __init__(self, client: Any, transfers: Transfers, bucket: str, key: str) -> None:
        self._client = client
        self._transfers = transfers
        self._target = {"Bucket": bucket, "Key": key}
        self._etags: dict[int, str] = {}
        self._slots = anyio.Semaphore(PARTS_AT_ONCE)

    async def send(self, first: IOBase, rest: AsyncIterator[IOBase], mime_type: str) -> None:
        """Upload all parts. Abort the upload when anything fails or the task is cancelled."""
        with translated(seconds=CALL_SECONDS):
            created = await self._client.create_multipart_upload(**self._target, ContentType=mime_type)
        self._target["UploadId"] = created["UploadId"]
        try:
            await self._send_parts(first, rest)
            await self._complete()
        except BaseException:
            await self._abort()
            raise

    async def _send_parts(self, first: IOBase, rest: AsyncIterator[IOBase]) -> None:
        try:
            async with anyio.create_task_group() as group:
                await self._feed(group, first, rest)
        except BaseExceptionGroup as failures:
            failure = _first(failures)
            raise failure from failure.__cause__

    async def _feed(self, group: TaskGroup, first: IOBase, rest: AsyncIterator[IOBase]) -> None:
        part: IOBase | None = first
        number = 1
        await self._slots.acquire()
        while part is not None:
            group.start_soon(self._send_part, number, part)
            await self._slots.acquire()  # for the next part
            part = None  # release it before the next one is read
            part = await anext(rest, None)
            number += 1

    async def _send_part(self, number: int, part: IOBase) -> None:
        try:
            sent = await self._transfers.send(self._client.upload_part, part, **self._target, PartNumber=number)
            self._etags[number] = sent["ETag"]
        finally:
            release(part)
            self._slots.release()

    async def _complete(self) -> None:
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in sorted(self._etags.items())]
        with translated(seconds=CALL_SECONDS):
            await self._client.complete_multipart_upload(**self._target, MultipartUpload={"Parts": parts})

    async def _abort(self) -> None:
        with anyio.CancelScope(shield=True), contextlib.suppress(MomentError), translated(seconds=ABORT_SECONDS):
            await self._client.abort_multipart_upload(**self._target)


def _first(failure: BaseException) -> BaseException:
    """Return the first error of a group: the caller expects the stream's or the port's error."""
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure


def release(part: IOBase) -> None:
    """Free a part's memory now: botocore keeps requests in a reference cycle, which holds it until the next collection.

    A server may respond before the last write has finished; the memory is then freed with the request.
    """
    with contextlib.suppress(BufferError):
        part.close()
