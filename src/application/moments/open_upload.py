"""Open an upload: a signed URL to which a client sends one recording of one length and type."""

import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Final
from uuid import uuid4

import msgspec

from application.access import Caller
from application.moments.field_readers import InvalidFields
from application.moments.recordings import LONGEST_NAME
from application.ports.clock import Clock
from application.ports.objects import UrlSigner
from application.ports.recording_fetcher import RecordingTooLarge
from application.ports.uploads import KEPT, DirectUpload, UploadId, Uploads
from domain.errors import Problem

UNUSED: Final = 32
"""Uploads that a client may have without using them."""

LONGEST_TYPE: Final = 128

TYPE_PATTERN: Final = (
    r"^(?:audio/[A-Za-z0-9_.+-]+|video/(?:webm|mp4|quicktime|3gpp)|application/(?:ogg|octet-stream))"
    r"(?:; ?[A-Za-z0-9_.+-]+=[A-Za-z0-9_.+, \x22-]+)?$"
)
"""What recorders call their files: containers of video may hold sound alone."""

NAME_PATTERN: Final = r"^[^\x00-\x1f\x7f]*$"
_TYPE: Final = re.compile(TYPE_PATTERN)
_NAME: Final = re.compile(NAME_PATTERN)


class WantedUpload(msgspec.Struct, frozen=True, kw_only=True):
    """What a client is going to send.

    Attributes:
        content_type: The Content-Type that it will send.
        bytes: The exact size.
        filename: The name of the file on its device.
    """

    content_type: str
    bytes: int
    filename: str = ""


class OpenedUpload(msgspec.Struct, frozen=True, kw_only=True):
    """Where a client sends a recording, and how.

    Attributes:
        upload_id: What the request for the moment names.
        headers: That have to be sent as they are, besides the Content-Length.
        expires_at: When the URL, or the upload itself, is no longer good.
        bytes: The size that the URL is signed for.
        max_bytes: What any recording may have.
    """

    upload_id: UploadId
    url: str
    method: str = "PUT"
    headers: dict[str, str]
    expires_at: datetime
    bytes: int
    max_bytes: int


class OpenUpload:
    """Opens uploads.

    Args:
        require_bucket: Raises `WrongBucket` if the store is not the one of the jobs.
        max_bytes: Of a recording.
    """

    def __init__(
        self,
        uploads: Uploads,
        urls: UrlSigner,
        require_bucket: Callable[[], Awaitable[None]],
        clock: Clock,
        *,
        max_bytes: int,
    ) -> None:
        self._uploads = uploads
        self._urls = urls
        self._require_bucket = require_bucket
        self._clock = clock
        self._max_bytes = max_bytes

    async def __call__(self, wanted: WantedUpload, caller: Caller) -> OpenedUpload:
        """Return where to send a recording.

        Raises:
            InvalidFields, RecordingTooLarge: It could not become a moment.
            TooManyUploads: The client has many that it does not use.
            WrongBucket, StorageUnavailable, StorageDenied, DatabaseUnavailable: It cannot be stored.
        """
        if problems := list(_problems(wanted)):
            raise InvalidFields(problems, code="invalid_field")
        if wanted.bytes > self._max_bytes:
            raise RecordingTooLarge(self._max_bytes)
        await self._require_bucket()
        upload = DirectUpload(
            id=UploadId(uuid4()),
            owner=caller.owner,
            size=wanted.bytes,
            mime_type=wanted.content_type,
            filename=wanted.filename,
        )
        await self._uploads.add(upload, caller.client, UNUSED)
        url = await self._urls.sign_put(upload.key, upload.mime_type, size=upload.size)
        return OpenedUpload(
            upload_id=upload.id,
            url=url,
            headers={"Content-Type": upload.mime_type},
            expires_at=min(self._urls.expiry_of(url), self._clock() + KEPT),
            bytes=upload.size,
            max_bytes=self._max_bytes,
        )


def _problems(wanted: WantedUpload) -> Iterator[Problem]:
    if len(wanted.content_type) > LONGEST_TYPE or not _TYPE.fullmatch(wanted.content_type):
        yield Problem("/content_type", "must be the media type of a recording, such as audio/wav or audio/webm")
    if wanted.bytes < 1:
        yield Problem("/bytes", "must be the size of the recording in bytes")
    if len(wanted.filename) > LONGEST_NAME or not _NAME.fullmatch(wanted.filename):
        yield Problem("/filename", f"must have at most {LONGEST_NAME} characters, and none that controls")
