"""Direct uploads: recordings that clients send straight to storage, before a request for a moment names them."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final, NewType, Protocol
from uuid import UUID

import msgspec

from domain.errors import MomentError
from domain.jobs.job import JobId

UploadId = NewType("UploadId", UUID)

KEPT: Final = timedelta(days=1)
"""How long an upload may be used; then it is removed."""

UPLOADS_PREFIX: Final = "moment-uploads/"
"""What the keys of uploads start with; no job's key does."""


class UploadNotFound(MomentError):
    """There is no such upload, or no longer, or it is somebody else's."""

    code = "upload_not_found"
    permanent = True

    def __init__(self, upload_id: UploadId) -> None:
        super().__init__(f"there is no upload {upload_id}, or it is older than a day")


class UploadUsed(MomentError):
    """The upload became the recording of another job."""

    code = "upload_used"
    permanent = True

    def __init__(self) -> None:
        super().__init__("the upload is another moment's; remix that one, or upload the recording again")


class UploadIncomplete(MomentError):
    """Nothing was sent to the URL of the upload yet."""

    code = "upload_incomplete"


class TooManyUploads(MomentError):
    """The client has many uploads that it does not use."""

    code = "too_many_uploads"

    def __init__(self, most: int) -> None:
        super().__init__(f"you have {most} uploads that are not used; use them, or wait until they are a day old")


class DirectUpload(msgspec.Struct, frozen=True, kw_only=True):
    """What a client may upload.

    Attributes:
        owner: Whose it is; empty for everybody who knows the id.
        size: Bytes, as they were announced.
        mime_type: As it was announced: the content decides.
        filename: Its name on the client's device, or empty.
    """

    id: UploadId
    owner: str
    size: int
    mime_type: str
    filename: str = ""

    @property
    def key(self) -> str:
        """The key of its object."""
        return f"{UPLOADS_PREFIX}{self.id}"


class Uploads(Protocol):
    """The uploads of the last day. Every method may raise `DatabaseUnavailable`."""

    async def add(self, upload: DirectUpload, client: str, most: int) -> None:
        """Add an upload, unless the client has so many that are unused; one without a name may have any number.

        Raises:
            TooManyUploads: It has.
        """

    async def find(self, upload_id: UploadId) -> DirectUpload:
        """Return an upload, used or not.

        Raises:
            UploadNotFound: There is none, or it is too old.
        """

    async def take(self, upload_id: UploadId, job_id: JobId) -> None:
        """Use an upload for a job; again for the same one is nothing new.

        Raises:
            UploadUsed: It was used for another job.
        """

    async def give_back(self, upload_id: UploadId, job_id: JobId) -> None:
        """Let another job use an upload that this one has taken."""

    async def list_old(self, limit: int) -> Sequence[UploadId]:
        """Return uploads that can no longer be used, oldest first."""

    async def forget(self, upload_ids: Collection[UploadId]) -> None:
        """Remove uploads, whose objects are gone."""
