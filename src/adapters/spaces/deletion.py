"""Deletes everything under a prefix."""

import base64
import hashlib
from collections.abc import Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from adapters.spaces.errors import translated
from adapters.spaces.uploads import list_uploads
from application.ports.objects import StorageUnavailable

SECONDS: Final = 300.0


async def delete_prefix(client: Any, bucket: str, prefix: str) -> int:
    """Delete all objects whose key starts with the prefix, a page at a time; return their number."""
    deleted = 0
    with translated(seconds=SECONDS):
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        async for page in pages:
            objects = [{"Key": found["Key"]} for found in page.get("Contents", ())]
            if objects:
                answer = await client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
                _refuse_errors(answer.get("Errors", ()))
            deleted += len(objects)
    return deleted


async def abort_uploads(client: Any, bucket: str, prefix: str) -> None:
    """Abort unfinished multipart uploads under the prefix, such as those of a killed worker."""
    with translated(seconds=SECONDS):
        more: dict[str, str] = {}
        while True:
            page = await list_uploads(client, Bucket=bucket, Prefix=prefix, **more)
            for upload in page.get("Uploads", ()):
                await _abort(client, bucket, upload["Key"], upload["UploadId"])
            if not page.get("IsTruncated"):
                return
            more = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}


async def _abort(client: Any, bucket: str, key: str, upload_id: str) -> None:
    try:
        await client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchUpload":  # finished or aborted meanwhile
            raise


def add_content_md5(params: dict[str, Any], **_: object) -> None:
    """Add a Content-MD5 header to a batch deletion for older S3 servers (a botocore `before-call` handler).

    Since 1.36 botocore sends a CRC32 instead, which some of them reject with `MissingContentMD5`.
    """
    digest = hashlib.md5(params["body"], usedforsecurity=False).digest()
    params["headers"]["Content-MD5"] = base64.b64encode(digest).decode()


def _refuse_errors(errors: Sequence[dict[str, str]]) -> None:
    if errors:
        raise StorageUnavailable(f"the object store failed to delete an object: {errors[0].get('Code', '')}")
