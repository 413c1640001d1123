"""All jobs that an operator means, page by page."""

from collections.abc import AsyncIterator
from typing import Final

from application.ports.job_admin import JobAdmin, JobEntry, JobFilter

PAGE: Final = 200


async def every_job(job_admin: JobAdmin, which: JobFilter, page_size: int = PAGE) -> AsyncIterator[JobEntry]:
    """Yield the jobs in the order of their list.

    Raises:
        DatabaseUnavailable: The next page cannot be read.
    """
    page = await job_admin.list_jobs(which, page_size)
    while True:
        for entry in page.entries:
            yield entry
        if page.following is None:
            return
        page = await job_admin.list_jobs(which, page_size, page.following)


async def first_jobs(job_admin: JobAdmin, which: JobFilter, limit: int) -> list[JobEntry]:
    """Return so many of them. Raises as `every_job`."""
    found: list[JobEntry] = []
    async for entry in every_job(job_admin, which, min(limit, PAGE)):
        found.append(entry)
        if len(found) == limit:
            break
    return found
