"""The keys of those who use the API: what is stored of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from application.access import NO_LIMITS, KeyId, Limits, Permission
from domain.errors import MomentError


class KeyNotFound(MomentError):
    """No key has this prefix or id."""

    code = "key_not_found"
    permanent = True

    def __init__(self, named: str) -> None:
        super().__init__(f"there is no key {named}; moment keys list shows all of them")


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key, without its secret.

    Attributes:
        prefix: How it begins: what people recognise it by, and what it is looked up by.
        digest: SHA-256 of all of it.
        name: What it is for, in its owner's words.
        owner: Whose jobs it creates and sees; never empty. Several keys may have one owner.
        may_hurry: Whether its jobs may be urgent.
        last_used_at: To within a minute; None before the first use.
    """

    id: KeyId
    prefix: str
    digest: bytes
    owner: str
    name: str = ""
    permissions: frozenset[Permission]
    may_hurry: bool = False
    limits: Limits = NO_LIMITS
    created_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


class ApiKeys(Protocol):
    """Stored keys. Every method may raise `DatabaseUnavailable`."""

    async def find(self, prefix: str, digest: bytes) -> ApiKey | None:
        """Return the key of this prefix, unless it was revoked; if the digest is its own, note that it is used."""

    async def add(self, key: ApiKey) -> None:
        """Store a new key."""

    async def list_keys(self, owner: str, limit: int) -> Sequence[ApiKey]:
        """Return keys, revoked ones too, newest first; of all owners if `owner` is empty."""

    async def revoke(self, named: str) -> ApiKey:
        """Revoke the key with this prefix or id; one that is revoked stays as it is.

        Raises:
            KeyNotFound: There is none.
        """
