"""Who makes a request, and what they may do."""

from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

import msgspec

from domain.errors import MomentError

KeyId = NewType("KeyId", UUID)


class KeyMissing(MomentError):
    """The request needs a key and has none."""

    code = "key_missing"
    permanent = True

    def __init__(self) -> None:
        super().__init__("this needs a key: send it as Authorization: Bearer moment_…")


class KeyInvalid(MomentError):
    """The key of the request is none of ours, or it was revoked."""

    code = "key_invalid"
    permanent = True

    def __init__(self) -> None:
        super().__init__("the key in Authorization is unknown, or it was revoked")


class Permission(StrEnum):
    """What a key allows.

    Attributes:
        CREATE: Send hums, and change and delete one's own jobs.
        READ: See one's own jobs.
        OPERATE: See and change every job, and the queue; it includes the others.
    """

    CREATE = "create"
    READ = "read"
    OPERATE = "operate"


class PermissionMissing(MomentError):
    """The key does not allow it."""

    code = "permission_missing"
    permanent = True

    def __init__(self, permission: Permission) -> None:
        super().__init__(f"this needs a key with the scope {permission}")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a key allows; what is None follows from the settings.

    Attributes:
        waiting: How many of its owner's jobs may wait at once.
        moments: How many its owner may send in a calendar month (UTC).
        seconds: After how many seconds of finished music its owner may send no more in that month.
    """

    waiting: int | None = None
    moments: int | None = None
    seconds: int | None = None


NO_LIMITS: Final = Limits()


class Caller(msgspec.Struct, frozen=True):
    """Who makes a request.

    Attributes:
        owner: Of their key; empty without one.
        client: Who takes turns with others: the owner, or a pseudonym of an address; empty if unknown.
        permissions: What they may do.
        may_hurry: Whether their jobs may be urgent.
        key_id: Of their key.
        limits: Of their key.
    """

    owner: str = ""
    client: str = ""
    permissions: frozenset[Permission] = frozenset({Permission.CREATE, Permission.READ})
    may_hurry: bool = False
    key_id: KeyId | None = None
    limits: Limits = NO_LIMITS

    def may(self, permission: Permission) -> bool:
        """Return whether they may do something; operators may do everything."""
        return permission in self.permissions or Permission.OPERATE in self.permissions

    def require(self, permission: Permission) -> None:
        """Return if they may do something.

        Raises:
            KeyMissing: Nobody may without a key.
            PermissionMissing: Their key does not allow it.
        """
        if self.may(permission):
            return
        if self.key_id is None:
            raise KeyMissing
        raise PermissionMissing(permission)


ANYBODY: Final = Caller()
"""Somebody without a key whose address is unknown."""
