"""An object store in memory."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from application.ports.objects import Chunks, ObjectNotFound, StoredObject
from domain.jobs.artifacts import Artifact
from tests.support.fake_faults import Faults, faulty


class InMemoryDraft:
    """Port `Draft`."""

    def __init__(self, store: "InMemoryStore") -> None:
        self._store = store
        self._pieces: list[bytes] = []
        self.size = 0

    async def write(self, data: bytes) -> None:
        self._pieces.append(data)
        self.size += len(data)

    async def chunks(self) -> Chunks:
        for piece in self._pieces:
            yield piece

    async def store(self, key: str, mime_type: str) -> Artifact:
        return await self._store.put(key, self.chunks(), mime_type)

    async def discard(self) -> None:
        self._pieces.clear()


class InMemoryStore:
    """Port `ObjectStorage` over a dictionary. Only the fakes of the tools understand its URLs (`memory:///key`).

    Attributes:
        objects: Content and pointer by key; tests may read and change them.
        written: When each was written; tests may change it.
    """

    place = "memory:"

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, Artifact]] = {}
        self.written: dict[str, datetime] = {}
        self.faults = Faults()

    @faulty
    async def put(self, key: str, chunks: Chunks, mime_type: str) -> Artifact:
        content = b"".join([chunk async for chunk in chunks])
        artifact = Artifact(key=key, size=len(content), mime_type=mime_type, sha256=hashlib.sha256(content).hexdigest())
        self.objects[key] = content, artifact
        self.written[key] = datetime.now(UTC)
        return artifact

    def draft(self) -> InMemoryDraft:
        return InMemoryDraft(self)

    def add(self, key: str, age: timedelta = timedelta(0)) -> None:
        """Store an empty object as if it had been written some time ago."""
        self.objects[key] = b"", Artifact(key=key, size=0, mime_type="audio/wav")
        self.written[key] = datetime.now(UTC) - age

    @faulty
    async def stat(self, key: str) -> Artifact:
        try:
            return self.objects[key][1]
        except KeyError as error:
            raise ObjectNotFound(key) from error

    @faulty
    async def first_bytes(self, artifact: Artifact, count: int) -> bytes:
        await self.stat(artifact.key)
        return self.objects[artifact.key][0][:count]

    @faulty
    async def copy(self, source: str, target: str) -> None:
        artifact = await self.stat(source)
        content, _ = self.objects[source]
        self.objects[target] = content, msgspec.structs.replace(artifact, key=target)
        self.written[target] = datetime.now(UTC)

    @faulty
    async def sign_get(self, key: str, *, download_name: str = "") -> str:
        return f"memory:///{key}"

    @faulty
    async def sign_put(self, key: str, mime_type: str, *, size: int | None = None) -> str:
        return f"memory:///{key}"

    def expiry_of(self, url: str) -> datetime:
        return datetime.max.replace(tzinfo=UTC)

    @faulty
    async def delete(self, prefix: str) -> int:
        if not prefix:
            raise ValueError("an empty prefix would delete every object")
        keys = [key for key in self.objects if key.startswith(prefix)]
        for key in keys:
            del self.objects[key], self.written[key]
        return len(keys)

    async def delete_each(self, prefixes: Collection[str]) -> Mapping[str, Exception]:
        """Delete one after the other, so that faults are planned for `delete`."""
        if not all(prefixes):
            raise ValueError("an empty prefix would delete every object")
        failed = dict[str, Exception]()
        for prefix in prefixes:
            try:
                await self.delete(prefix)
            except Exception as error:  # noqa: BLE001 - as the port promises
                failed[prefix] = error
        return failed

    @faulty
    async def list_page(self, after: str, limit: int) -> Sequence[StoredObject]:
        keys = sorted(key for key in self.objects if key > after)[:limit]
        return [StoredObject(key, self.written[key]) for key in keys]

    @faulty
    async def ping(self) -> None:
        """Always succeed."""
