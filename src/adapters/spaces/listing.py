"""Lists the objects and unfinished uploads of a bucket, a page at a time."""

from collections.abc import Sequence
from typing import Any, Final

from adapters.spaces.errors import translated
from adapters.spaces.uploads import list_uploads
from application.ports.objects import StoredObject

SECONDS: Final = 30.0


async def list_page(client: Any, bucket: str, after: str, limit: int) -> Sequence[StoredObject]:
    """Return up to `limit` objects and unfinished uploads after a key.

    Objects and uploads are two listings, each ordered by key: the first `limit` of their union are among the first
    `limit` of each.
    """
    with translated(seconds=SECONDS):
        objects = await client.list_objects_v2(Bucket=bucket, StartAfter=after, MaxKeys=limit)
        uploads = await list_uploads(client, Bucket=bucket, KeyMarker=after, MaxUploads=limit)
    found = {upload["Key"]: upload["Initiated"] for upload in uploads.get("Uploads", ()) if upload["Key"] > after}
    found |= {stored["Key"]: stored["LastModified"] for stored in objects.get("Contents", ())}
    return [StoredObject(key, found[key]) for key in sorted(found, key=str.encode)[:limit]]
