"""The object stores of the chaos tests: the module of their process, their settings, and their contents."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

import anyio

from adapters.filesystem.files import describe, key_of
from adapters.spaces import SpacesStore
from application.ports.objects import ObjectStorage
from tests.support.chaos_bucket import AUDITOR, BUCKET
from tests.support.chaos_objects import store_in
from tests.support.s3 import S3Server, a_spaces_store, everything_in


class StoreContents(NamedTuple):
    """The contents of a store.

    Attributes:
        contents: Content of complete objects by key.
        drafts: Unfinished uploads.
        digests: Whether the store knows the digest of every object; an S3 server does not of what tools put there.
    """

    contents: dict[str, bytes]
    drafts: set[str]
    digests: bool


class ChaosStore(Protocol):
    """One kind of store, served by a process with faults; the tests' own access has none.

    Attributes:
        process: The module that serves it.
        environment: Settings of api and workers.
    """

    process: str
    environment: dict[str, str]

    def __init__(self, data_dir: Path, url: str) -> None: ...

    def opened(self) -> AbstractAsyncContextManager[ObjectStorage]: ...

    async def read_all(self) -> StoreContents: ...

    async def keys(self) -> set[str]: ...


class FolderStore(ChaosStore):
    """The embedded store: tools use HTTP, api and workers access the folder."""

    process = "tests.support.chaos_objects"

    def __init__(self, data_dir: Path, url: str) -> None:
        self.environment: dict[str, str] = {}
        self._root = data_dir / "objects"
        self._store = store_in(data_dir, url)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[ObjectStorage]:
        """Return the store."""
        yield self._store

    async def read_all(self) -> StoreContents:
        """Read every file."""
        files = self._files()
        contents = {key: _content(path, key) for path, (key, whole) in files.items() if whole}
        return StoreContents(contents, {key for key, whole in files.values() if not whole}, digests=True)

    async def keys(self) -> set[str]:
        """Return the keys of complete and unfinished objects."""
        return {key for key, _ in self._files().values()}

    def _files(self) -> dict[Path, tuple[str, bool]]:
        return {path: key_of(self._root, path) for path in self._root.rglob("*") if path.is_file()}


class BucketStore(ChaosStore):
    """An S3 server: all access is over HTTP and subject to faults."""

    process = "tests.support.chaos_bucket"

    def __init__(self, data_dir: Path, url: str) -> None:
        self.environment = {
            "DO_SPACES_KEY": "fleet",
            "DO_SPACES_SECRET": "test-secret",
            "DO_SPACES_BUCKET": BUCKET,
            "DO_SPACES_REGION": "us-east-1",
            "DO_SPACES_ENDPOINT": url,
        }
        self._server = S3Server(url, key=AUDITOR)

    def opened(self) -> AbstractAsyncContextManager[SpacesStore]:
        """Open the store with the access key that never fails."""
        return a_spaces_store(self._server, BUCKET)

    async def read_all(self) -> StoreContents:
        """Read every object."""
        contents: dict[str, bytes] = {}

        async def read(key: str) -> None:
            found = await store._client.get_object(Bucket=BUCKET, Key=key)
            contents[key] = await found["Body"].read()

        async with self.opened() as store:
            found = await everything_in(store)
            drafts = {name for name in found if name.startswith("unfinished ")}
            async with anyio.create_task_group() as reading:
                for key in found - drafts:
                    reading.start_soon(read, key)
        return StoreContents(contents, drafts, digests=False)

    async def keys(self) -> set[str]:
        """Return the keys of complete and unfinished objects."""
        async with self.opened() as store:
            return await everything_in(store)


def _content(path: Path, key: str) -> bytes:
    with path.open("rb") as file:
        size = describe(file, key).size
        file.seek(0)
        return file.read(size)
