"""Unfinished multipart uploads, which not every server lists: then there are none, as far as anybody can know."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from botocore.exceptions import ClientError

Page = dict[str, Any]

_UNKNOWN: Final = frozenset({"NotImplemented", "XNotImplemented", "MethodNotAllowed", "UnsupportedOperation"})
_UNKNOWN_STATUS: Final = frozenset({405, 501})
_DENIED: Final = "AccessDenied"
"""S3 has a permission of its own for this list (`s3:ListBucketMultipartUploads`)."""

NO_UPLOADS: Final[Page] = {}


async def list_uploads(client: Any, **parameters: Any) -> Page:
    """Return a page of unfinished uploads; an empty one from a server that lists none, or not to us."""
    return await _unless_unlisted(lambda: client.list_multipart_uploads(**parameters)) or NO_UPLOADS


async def are_listed(client: Any, bucket: str) -> bool:
    """Return whether the server lists unfinished uploads."""
    found = await _unless_unlisted(lambda: client.list_multipart_uploads(Bucket=bucket, MaxUploads=1))
    return found is not None


async def _unless_unlisted(request: Callable[[], Awaitable[Page]]) -> Page | None:
    try:
        return await request()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in _UNKNOWN or code == _DENIED or status in _UNKNOWN_STATUS:
            return None
        raise
