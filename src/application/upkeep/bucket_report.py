"""Whose bucket it is: what its marker, its objects and the database say together."""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from application.ports.objects import StorageDenied


class WrongBucket(StorageDenied):
    """The bucket is not the one that this database has marked: nothing may be stored, deleted or missed in it."""

    code = "wrong_bucket"


class BucketState(StrEnum):
    """What the markers and the objects of a bucket say.

    Attributes:
        OURS: It has our marker, and no other.
        UNMARKED: Neither it has a marker, nor has this database marked any bucket: a new installation.
        UNKNOWN: The same, but it has objects of jobs that this database does not have: many, or nothing but such.
        FOREIGN: It has the marker of another database.
        ELSEWHERE: It has no marker, and this database has marked a bucket before.
    """

    OURS = "ours"
    UNMARKED = "unmarked"
    UNKNOWN = "unknown"
    FOREIGN = "foreign"
    ELSEWHERE = "elsewhere"


REASONS: Final = {
    BucketState.FOREIGN: "the bucket has the marker of another database",
    BucketState.ELSEWHERE: "the bucket has no marker, and this database has marked one before",
}
"""Why a bucket is wrong. Users may read it, so it names no place."""


class BucketReport(msgspec.Struct, frozen=True, kw_only=True):
    """Whose bucket it is, and why.

    Attributes:
        installation: The id of our database.
        place: Where the bucket is.
        remembered: The place of the bucket that our database has marked last, None before it has marked one.
        owners: The ids of the markers.
        marked_at: When the first of the markers was written, by the store's clock; None without a marker.
        objects: Objects of jobs among the first of an unmarked bucket.
        strangers: Those whose jobs this database does not have.
        awaits_job: Whether the state is UNKNOWN, and a job with a row would make it UNMARKED.
    """

    state: BucketState
    installation: UUID
    place: str = ""
    remembered: str | None = None
    owners: tuple[str, ...] = ()
    marked_at: datetime | None = None
    objects: int = 0
    strangers: int = 0
    awaits_job: bool = False

    @property
    def is_wrong(self) -> bool:
        """Whether the settings must be wrong, unless an operator says that the bucket is to change."""
        return self.state in REASONS

    def require_right(self) -> None:
        """Do nothing if the bucket may be used.

        Raises:
            WrongBucket: It must not.
        """
        if self.is_wrong:
            raise WrongBucket(f"{REASONS[self.state]}; `moment doctor` explains it")

    @property
    def explanation(self) -> str:
        """One sentence for operators."""
        match self.state:
            case BucketState.FOREIGN:
                return f"it has the marker of {', '.join(self.owners)}, and this database is {self.installation}"
            case BucketState.ELSEWHERE if self.remembered == self.place:
                return f"{self.place} has lost its marker: it is another disk under this name, or somebody deleted it"
            case BucketState.ELSEWHERE:
                return f"{self.place} has no marker; the bucket of this database is {self.remembered}"
            case BucketState.UNKNOWN:
                return f"it has no marker, and {self.strangers} of its first {self.objects} objects have no job here"
            case _:
                return f"it belongs to this database, {self.installation}"
