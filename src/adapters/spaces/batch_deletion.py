"""Deletes what is under many prefixes: one request lists each of them, and one deletes the objects of a hundred."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import anyio

from adapters.spaces.deletion import abort_uploads, delete_prefix
from adapters.spaces.errors import translated
from adapters.spaces.uploads import list_uploads
from application.ports.objects import StorageUnavailable
from domain.errors import MomentError

SECONDS: Final = 30.0
"""For one request with its retries."""

AT_ONCE: Final = 8
"""Prefixes that are listed at the same time: half of the connections stay free for others."""

MOST: Final = 1000
"""Objects in one request to delete, and in one page of a listing: the most that S3 takes."""

Failures = dict[str, Exception]


async def delete_each(client: Any, bucket: str, prefixes: Collection[str]) -> Failures:
    """Delete the objects and unfinished uploads under each prefix; return those that failed, and why."""
    batch = _Batch(client, bucket)
    await batch.find(prefixes)
    await batch.delete()
    await batch.abort_uploads([prefix for prefix in prefixes if prefix not in batch.failed])
    return batch.failed


class _Batch:
    """The objects under many prefixes.

    Attributes:
        failed: Prefixes of which something may be left.
    """

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._owners: dict[str, str] = {}
        self._found_any = False
        self.failed: Failures = {}

    async def find(self, prefixes: Iterable[str]) -> None:
        """List what is under the prefixes; stop asking a store that only fails."""
        waiting = iter(prefixes)

        async def list_in_turn() -> None:
            for prefix in waiting:
                if len(self.failed) >= AT_ONCE and not self._found_any:
                    self.failed[prefix] = StorageUnavailable("the object store failed to list objects")
                    continue
                with self._noting([prefix]):
                    await self._list(prefix)

        async with anyio.create_task_group() as group:
            for _ in range(AT_ONCE):
                group.start_soon(list_in_turn)

    async def delete(self) -> None:
        """Delete what was found."""
        keys = [*self._owners]
        for start in range(0, len(keys), MOST):
            some = keys[start : start + MOST]
            with self._noting({self._owners[key] for key in some}):
                await self._delete(some)

    async def abort_uploads(self, prefixes: Sequence[str]) -> None:
        """Abort unfinished uploads under the prefixes; there are few in a bucket, so one list mostly shows them all."""
        with self._noting(prefixes):
            with translated(seconds=SECONDS):
                page = await list_uploads(self._client, Bucket=self._bucket, MaxUploads=MOST)
            begun = [upload["Key"] for upload in page.get("Uploads", ())]
            for prefix in prefixes:
                if page.get("IsTruncated") or any(key.startswith(prefix) for key in begun):
                    with self._noting([prefix]):
                        await abort_uploads(self._client, self._bucket, prefix)

    async def _list(self, prefix: str) -> None:
        with translated(seconds=SECONDS):
            page = await self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, MaxKeys=MOST)
        self._found_any = True
        if page.get("IsTruncated"):  # no job has so many
            await delete_prefix(self._client, self._bucket, prefix)
        else:
            self._owners |= {found["Key"]: prefix for found in page.get("Contents", ())}

    async def _delete(self, keys: Sequence[str]) -> None:
        objects = [{"Key": key} for key in keys]
        with translated(seconds=SECONDS):
            answer = await self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True})
        for refused in answer.get("Errors", ()):
            error = StorageUnavailable(f"the object store failed to delete an object: {refused.get('Code', '')}")
            self.failed[self._owners[refused["Key"]]] = error

    @contextmanager
    def _noting(self, prefixes: Collection[str]) -> Iterator[None]:
        """Note that prefixes failed, for whatever reason: the others go on."""
        try:
            yield
        except MomentError as error:
            self.failed |= dict.fromkeys(prefixes, error)
