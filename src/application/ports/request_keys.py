"""Keys that clients send with a request, so that sending it again does nothing again (`Idempotency-Key`)."""

from datetime import timedelta
from typing import Final, Protocol

import msgspec

from domain.errors import MomentError
from domain.jobs.job import JobId

KEPT: Final = timedelta(days=1)
"""How long an answer is kept; then its key is free."""

HELD: Final = timedelta(minutes=5)
"""How long a try may take; then another one may begin, whatever became of the first."""


class KeyInUse(MomentError):
    """Another request with this key is being carried out."""

    code = "idempotency_key_in_use"

    def __init__(self) -> None:
        super().__init__("a request with this Idempotency-Key is being carried out; try again")


class KeyReused(MomentError):
    """The key belongs to a request that asked for something else."""

    code = "idempotency_key_reused"
    permanent = True

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key was sent with another request; use a new key")


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True):
    """What tells a request from others: three digests (SHA-256).

    Attributes:
        key: Of its route and its key.
        payload: Of what it asks for, however that is encoded.
        body: Of its body as it was sent; the next try may have another one, since forms have random boundaries.
    """

    key: bytes
    payload: bytes
    body: bytes


class Claim(msgspec.Struct, frozen=True):
    """The right to carry out a request.

    Attributes:
        job_id: The id of the job that it creates.
        again: Whether an earlier try may have created the job.
    """

    job_id: JobId
    again: bool


class Kept(msgspec.Struct, frozen=True):
    """What a request created, and what was answered."""

    job_id: JobId
    answer: str


class RequestKeys(Protocol):
    """The keys of the last day. Every method may raise `DatabaseUnavailable`."""

    async def find(self, key: bytes, body: bytes) -> Kept | None:
        """Return what was answered to a request with this key, if its body was the same."""

    async def claim(self, fingerprint: Fingerprint, job_id: JobId) -> Claim | Kept:
        """Claim a key for a new job of this id, or return what was answered.

        Raises:
            KeyInUse, KeyReused: Another request has the key.
        """

    async def answer(self, key: bytes, kept: Kept) -> None:
        """Keep what was answered."""

    async def release(self, key: bytes, job_id: JobId) -> None:
        """End a try without an answer: the next one may begin, with the same payload and the same id."""

    async def forget(self, key: bytes, job_id: JobId) -> None:
        """End a try that created nothing: the key is free, for any payload."""

    async def forget_old(self, limit: int) -> int:
        """Remove what is no longer kept, oldest first, at most so many; return how many there were."""
