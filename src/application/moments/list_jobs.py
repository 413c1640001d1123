"""List an owner's jobs, page by page."""

from collections.abc import Sequence

import msgspec

from application.access import Caller, KeyMissing
from application.cursors import read_cursor, write_cursor
from application.ports.job_lists import JobLists, ListedJob, Position, Wanted


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
        start = None if cursor is None else read_cursor(cursor, Position)
        page = await self._lists.page(caller.owner, wanted, start, limit)
        return ListedJobs(jobs=page.jobs, next_cursor=write_cursor(page.next) if page.next else None)
