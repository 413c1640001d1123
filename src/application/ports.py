"""The ports: everything that the application asks of the outside world.

Adapters raise the errors named here and no others; a method that touches the outside is bounded in time by its adapter.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from domain.blueprints.blueprint import Blueprint
from domain.errors import MomentError
from domain.jobs.artifacts import Artifact, OutputKind, Stem
from domain.jobs.job import Job, JobId
from domain.music.model import Analysis

Clock = Callable[[], datetime]
"""Aware UTC now."""


Chunks = AsyncIterator[bytes]
"""A file's content in pieces of any size, read once."""


class JobNotFound(MomentError):
    """No job has this id."""

    code = "job_not_found"
    permanent = True

    def __init__(self, job_id: object) -> None:
        super().__init__(f"there is no job {job_id}")


class DatabaseUnavailable(MomentError):
    """The database did not answer; the same call may work later."""

    code = "database_unavailable"


class LeaseLost(MomentError):
    """Another worker holds the job, or it has ended: nothing was written and nothing may be."""

    code = "lease_lost"


class JobRepository(Protocol):
    """Jobs as the API sees them. Every method may raise `DatabaseUnavailable`."""

    async def add(self, job: Job) -> None:
        """Store a new job; being stored is being enqueued."""

    async def get(self, job_id: JobId) -> tuple[Job, float]:
        """Return the job and the progress that its worker last reported, 0..1; or raise `JobNotFound`."""

    async def cancel(self, job_id: JobId) -> Job:
        """Cancel a waiting job at once, ask the worker of a running one to; return the job as it is now.

        Idempotent; a job that has ended stays as it ended. Raises `JobNotFound`.
        """

    async def ping(self) -> None:
        """Return when the database answers and its schema is up to date."""


class Lease(msgspec.Struct, frozen=True):
    """The right to write a job: every claim makes a greater token, and only the greatest writes.

    Source: Kleppmann, "How to do distributed locking", 2016 (fencing tokens).
    """

    job_id: JobId
    token: int


class Claim(msgspec.Struct, frozen=True):
    """A job that this worker may run.

    Attributes:
        attempt: Counts the claims that were not released, ≥ 1.
        max_attempts: A claim beyond it must end in FAILED.
        cancel_requested: It is only to be ended.
    """

    job: Job
    lease: Lease
    attempt: int
    max_attempts: int
    cancel_requested: bool = False


class Pulse(msgspec.Struct, frozen=True):
    """What a heartbeat learnt about a job that is still ours.

    Attributes:
        renewed: Whether its lease was extended; somebody else may have held the row at that moment.
    """

    job_id: JobId
    cancel_requested: bool
    renewed: bool = True


class JobQueue(Protocol):
    """Jobs as workers see them. Every method may raise `DatabaseUnavailable`."""

    async def claim(self, worker: str, free_slots: int) -> Sequence[Claim]:
        """Lease up to `free_slots` jobs, by priority, then age; finished ones never, cancelled ones to be ended."""

    async def save(self, lease: Lease, job: Job) -> None:
        """Write the job's new version; a terminal one gives the lease back. Raises `LeaseLost`."""

    async def heartbeat(self, leases: Collection[Lease], progress: dict[JobId, float]) -> Sequence[Pulse]:
        """Extend the leases in one statement; a job missing from the answer is no longer ours."""

    async def retry(self, lease: Lease, after: timedelta) -> None:
        """Give the job back to be claimed after the delay; the attempt stays counted. Raises `LeaseLost`."""

    async def release(self, leases: Collection[Lease]) -> None:
        """Give jobs back at once, unharmed: the attempt is not counted. Lost leases are passed over."""


class Listener(Protocol):
    """Hints that there is something to do; polling makes them unnecessary, they make it quick."""

    async def wait(self, timeout: float) -> None:
        """Return on a hint that there may be work, or after `timeout` seconds."""

    async def wait_for_cancel(self, timeout: float) -> None:
        """Return on a hint that a running job was cancelled, or after `timeout` seconds."""


class StorageUnavailable(MomentError):
    """The object store did not answer, or refused for now; the same call may work later."""

    code = "storage_unavailable"


class StorageDenied(MomentError):
    """The object store refuses our credentials or the bucket does not exist."""

    code = "storage_denied"


class ObjectNotFound(MomentError):
    """There is no object under this key."""

    code = "object_not_found"
    permanent = True

    def __init__(self, key: str) -> None:
        super().__init__(f"there is no object {key}")


class StoredObject(msgspec.Struct, frozen=True):
    """An object, or what an unfinished upload left of one, and when it was written by the store's clock."""

    key: str
    modified_at: datetime


class ObjectStore(Protocol):
    """Where audio lies. Every method may raise `StorageUnavailable` or `StorageDenied`."""

    async def put(self, key: str, chunks: Chunks, mime_type: str) -> Artifact:
        """Store a stream of any length in constant memory; return its pointer with size and sha256.

        All or nothing: when the stream or the store breaks off, nothing is left under the key.
        """

    async def stat(self, key: str) -> Artifact:
        """Return the pointer to a stored object (sha256 empty if unknown), or raise `ObjectNotFound`."""

    async def sign_get(self, key: str, *, download_name: str = "") -> str:
        """Return a URL that anyone may read the object from for a while, Range included.

        With `download_name` the answer carries `Content-Disposition: attachment`.
        """

    async def sign_put(self, key: str, mime_type: str) -> str:
        """Return a URL that anyone may put this object to, with this Content-Type, for a while."""

    async def delete(self, prefix: str) -> int:
        """Delete every object whose key starts with the prefix; return how many there were."""

    async def list_page(self, after: str, limit: int) -> Sequence[StoredObject]:
        """Return what follows the key `after` ("" for the beginning) in the store's own order, unfinished uploads too.

        Fewer than `limit` are the last.
        """

    async def ping(self) -> None:
        """Return when the store answers and the credentials are good."""


class ToolsUnavailable(MomentError):
    """The tool server did not answer, or broke off; the same call may work later."""

    code = "tools_unavailable"


class ToolFailed(MomentError):
    """A tool said no. `code` is the tool's own where it gave one, `permanent` where it said so."""

    code = "tool_failed"

    def __init__(self, message: str, *, code: str | None = None, permanent: bool = False) -> None:
        super().__init__(message, code=code)
        self.permanent = permanent


class ToolResult(msgspec.Struct, frozen=True, kw_only=True):
    """Where a tool put its result.

    Attributes:
        uploaded: Whether it is already under the key that the call named.
        url: Where to fetch it otherwise.
        path: Where it lies if the filesystem is shared.
        detail: Numbers that the tool measured.
        extras: By-products uploaded, by name, with their sizes in bytes.
    """

    mime_type: str
    size: int = 0
    sha256: str = ""
    uploaded: bool = False
    url: str = ""
    path: str = ""
    detail: dict[str, float] = {}
    extras: dict[str, int] = {}


ProgressSink = Callable[[float], None]
"""Told how far a tool is, 0..1."""


class MusicTools(Protocol):
    """The studio, whoever runs it. Methods raise `ToolsUnavailable` or `ToolFailed`; cancelling cancels the tool."""

    async def offered(self) -> AbstractSet[str]:
        """Return the names of the tools that the server has."""

    async def validate_blueprint(self, blueprint: Blueprint) -> Sequence[str]:
        """Return what is wrong with a blueprint, `/path: message` each; nothing if it is valid."""

    async def analyze_hum(self, audio_url: str, *, hints: dict[str, Any], progress: ProgressSink) -> Analysis:
        """Listen to a hum. `hints` are blueprint fields that the musician fixed."""

    async def render_stem(
        self,
        stem: Stem,
        blueprint: Blueprint,
        *,
        audio_url: str,
        targets: dict[str, str],
        progress: ProgressSink,
    ) -> ToolResult:
        """Render a stem to `targets["audio"]`, by-products to the other targets (`melody`: MIDI)."""

    async def mix(
        self,
        kind: OutputKind,
        blueprint: Blueprint,
        *,
        stems: dict[Stem, str],
        target: str,
        progress: ProgressSink,
    ) -> ToolResult:
        """Mix and master: `synthesize_preview` or `create_song`. Stems are URLs; the result goes to `target`."""

    async def ping(self) -> None:
        """Return when the server answers with its tools."""


class Fetcher(Protocol):
    """Brings a foreign tool's result home. Raises `ToolsUnavailable`."""

    def fetch(self, url: str) -> AbstractAsyncContextManager[Chunks]:
        """Give the content of a URL while the block lasts."""
