"""List an owner's jobs, page by page. A cursor is a position: jobs that come meanwhile do not shift the pages."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from application.access import Caller, KeyMissing
from application.ports.job_lists import JobLists, ListedJob, Position, Wanted
from domain.errors import MomentError
from domain.jobs.job import JobId

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
CURSOR_BYTES: Final = 24
LONGEST: Final = int(timedelta(days=365 * 8000) / MICROSECOND)


class InvalidCursor(MomentError):
    """The cursor is none that a page returned."""

    code = "cursor_invalid"
    permanent = True

    def __init__(self) -> None:
        super().__init__("cursor must be the next_cursor of an earlier page")


class ListedJobs(msgspec.Struct, frozen=True, kw_only=True):
    """A page of jobs.

    Attributes:
        jobs: Newest first. There may be fewer than the limit, even none, before the last page.
        next_cursor: Where the next page begins; absent after the last.
    """

    jobs: Sequence[ListedJob]
    next_cursor: str | None


class ListJobs:
    """Lists the jobs of the owner of a key."""

    def __init__(self, lists: JobLists) -> None:
        self._lists = lists

    async def __call__(self, caller: Caller, wanted: Wanted, cursor: str | None, limit: int) -> ListedJobs:
        """Return a page.

        Raises:
            KeyMissing: Without an owner, there is no list: the id of a job is its secret.
            InvalidCursor: The cursor is none.
            DatabaseUnavailable: The jobs cannot be read now.
        """
        if not caller.owner:
            raise KeyMissing
        start = None if cursor is None else read_cursor(cursor)
        page = await self._lists.page(caller.owner, wanted, start, limit)
        return ListedJobs(jobs=page.jobs, next_cursor=write_cursor(page.next) if page.next else None)


def write_cursor(position: Position) -> str:
    """Return a position as opaque text."""
    microseconds = (position.at - EPOCH) // MICROSECOND
    return urlsafe_b64encode(microseconds.to_bytes(8) + position.job_id.bytes).decode()


def read_cursor(text: str) -> Position:
    """Return the position of a cursor.

    Raises:
        InvalidCursor: It is none.
    """
    try:
        packed = urlsafe_b64decode(text.encode("ascii"))
    except (NotBase64, ValueError):
        raise InvalidCursor from None
    microseconds = int.from_bytes(packed[:8])
    if len(packed) != CURSOR_BYTES or microseconds > LONGEST:
        raise InvalidCursor
    return Position(EPOCH + microseconds * MICROSECOND, JobId(UUID(bytes=packed[8:])))
