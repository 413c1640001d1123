"""Lists of owners' jobs in memory, over the rows of `InMemoryJobs`."""

from application.moments.style_resolved import StyleResolved
from application.ports.job_lists import JobPage, ListedJob, Position, Wanted
from domain.jobs.transitions import JobStatus
from tests.support.fake_faults import Faults, faulty
from tests.support.fake_queue import InMemoryJobs, Row


class InMemoryJobLists:
    """Port `JobLists`."""

    def __init__(self, jobs: InMemoryJobs) -> None:
        self._jobs = jobs
        self.faults = Faults()

    @faulty
    async def page(self, owner: str, wanted: Wanted, start: Position | None, limit: int) -> JobPage:
        rows = [row for row in self._jobs.rows.values() if owner and row.job.request.owner == owner]
        rows = [row for row in rows if not row.expiring]
        jobs = sorted(map(_listed, rows), key=lambda job: (job.created_at, job.id), reverse=True)
        jobs = [job for job in jobs if _fits(job, wanted)]
        if start:
            jobs = [job for job in jobs if (job.created_at, job.id) < (start.at, start.job_id)]
        page = jobs[:limit]
        return JobPage(page, Position(page[-1].created_at, page[-1].id) if len(jobs) > limit else None)


def _fits(job: ListedJob, wanted: Wanted) -> bool:
    return (
        wanted.status in {None, job.status}
        and wanted.style in {None, job.style}
        and wanted.reference in {None, job.client_reference}
        and (wanted.after is None or job.created_at >= wanted.after)
        and (wanted.before is None or job.created_at < wanted.before)
    )


def _listed(row: Row) -> ListedJob:
    job = row.job
    return ListedJob(
        id=job.id,
        status=job.status,
        output_kind=job.request.output_kind,
        style=StyleResolved.of(job.request.blueprint).style,
        client_reference=job.request.client_reference or None,
        progress=row.progress,
        error_code=job.error.code if job.error and job.status is JobStatus.FAILED else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
        finished_at=row.finished_at,
    )
