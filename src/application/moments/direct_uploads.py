"""Recordings that were sent straight to storage, and are named by a request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import anyio
import msgspec

from application.access import Caller
from application.moments.recordings import Hum, type_of
from application.ports.objects import ObjectNotFound, ObjectStore
from application.ports.uploads import DirectUpload, UploadId, UploadIncomplete, UploadNotFound, Uploads
from domain.errors import MomentError
from domain.jobs.artifacts import Artifact
from domain.jobs.job import JobId
from domain.recordings.sniffing import SNIFF_BYTES

GIVING_BACK_SECONDS: Final = 2.0
"""For the upload of a request that failed; without that, it cannot be used again."""


class DirectUploads:
    """Opens uploads that are complete."""

    def __init__(self, uploads: Uploads, store: ObjectStore) -> None:
        self._uploads = uploads
        self._store = store

    @asynccontextmanager
    async def opened(self, upload_id: UploadId, caller: Caller, job_id: JobId) -> AsyncIterator[Hum]:
        """Yield a recording that this job alone may use; it is used if the block ends without an error.

        Raises:
            UploadNotFound, UploadUsed, UploadIncomplete: It cannot be used.
            EmptyUpload, NotAudio: It is no recording.
            StorageUnavailable, StorageDenied, DatabaseUnavailable: As the ports raise them.
        """
        upload = await self._uploads.find(upload_id)
        if upload.owner != caller.owner:
            raise UploadNotFound(upload_id)
        await self._uploads.take(upload_id, job_id)
        try:
            mime_type = await self._checked(upload)
            yield Hum(upload.filename, lambda key: self._copied(upload, key, mime_type))
        except BaseException:
            with anyio.move_on_after(GIVING_BACK_SECONDS, shield=True), suppress(MomentError):
                await self._uploads.give_back(upload_id, job_id)
            raise
        with suppress(MomentError):  # housekeeping removes what is left
            await self._store.delete(upload.key)

    async def _checked(self, upload: DirectUpload) -> str:
        """Return the media type of an upload by its content. Raises what `opened` does."""
        try:
            stored = await self._store.stat(upload.key)
            head = await self._store.first_bytes(stored, SNIFF_BYTES)
        except ObjectNotFound as error:
            raise UploadIncomplete("nothing was sent to the URL of the upload yet") from error
        _require_size(stored, upload)
        return type_of(head)

    async def _copied(self, upload: DirectUpload, key: str, mime_type: str) -> Artifact:
        """Copy an upload, which may have been replaced since it was checked: by one of the same length."""
        await self._store.copy(upload.key, key)
        copied = await self._store.stat(key)
        _require_size(copied, upload)
        return msgspec.structs.replace(copied, mime_type=mime_type)


def _require_size(stored: Artifact, upload: DirectUpload) -> None:
    if stored.size != upload.size:
        raise UploadIncomplete(f"{stored.size} bytes were sent to the URL of the upload in place of {upload.size}")
