"""Who makes a request, and what they may do."""

from enum import StrEnum
from typing import Final

import msgspec


class Permission(StrEnum):
    """What a key allows.

    Attributes:
        CREATE: Send hums, and change and delete one's own jobs.
        READ: See one's own jobs.
        OPERATE: See and change every job, and the queue.
    """

    CREATE = "create"
    READ = "read"
    OPERATE = "operate"


class Caller(msgspec.Struct, frozen=True):
    """Who makes a request.

    Attributes:
        owner: Of their key; empty without one.
        client: Who takes turns with others: the owner, or a pseudonym of an address; empty if unknown.
        permissions: What they may do.
        may_hurry: Whether their jobs may be urgent.
    """

    owner: str = ""
    client: str = ""
    permissions: frozenset[Permission] = frozenset({Permission.CREATE, Permission.READ})
    may_hurry: bool = False


ANYBODY: Final = Caller()
"""Somebody without a key whose address is unknown."""
