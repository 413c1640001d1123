"""The commands of operators: inspect the queue, retry failed jobs, cancel others."""

# ruff: noqa: PLC0415 - `moment --help` is quick without all of this

from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import click

from domain.jobs.transitions import JobStatus
from entrypoints.commands import options

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from domain.jobs.job import Job
    from entrypoints.container import Container

T = TypeVar("T")

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
job_ids_argument = click.argument("job_ids", metavar="ID...", type=click.UUID, nargs=-1, required=True)


@click.group()
def jobs() -> None:
    """Inspect and repair the queue: list, show, retry, cancel, stats.

    The database is the one of DATABASE_URL, or the one that `moment up` runs in this folder.
    """


@jobs.command("list", epilog="Example: moment jobs list --status FAILED --limit 100")
@click.option("--status", type=click.Choice(JobStatus, case_sensitive=False), help="Only jobs in this state.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Maximum number of jobs.")
@as_json
def list_jobs(status: JobStatus | None, limit: int, *, as_json: bool) -> None:
    """List jobs: the unfinished first, then the finished, newest first."""
    from entrypoints.commands import job_views

    entries = _with_container(lambda container: container.job_admin().list_jobs(status, limit))
    if as_json:
        job_views.print_json(entries)
    else:
        job_views.print_table(["id", "status", "attempt", "age", "now"], [job_views.row(entry) for entry in entries])


@jobs.command(epilog="Example: moment jobs show 6fb1…")
@click.argument("job_id", metavar="ID", type=click.UUID)
@as_json
def show(job_id: UUID, *, as_json: bool) -> None:
    """Show everything about a job: history, attempts, lease, worker, error, timings."""
    from domain.jobs.job import JobId
    from entrypoints.commands import job_views

    entry = _with_container(lambda container: container.job_admin().show(JobId(job_id)))
    if as_json:
        job_views.print_json(entry)
        return
    for name, value in job_views.facts(entry):
        click.echo(f"{name:<10}{value}")
    click.echo("history")
    for start, name, seconds in job_views.timings(entry.job):
        click.echo(f"  {start:>9.3f} s  {name:<14}{seconds}".rstrip())


@jobs.command(epilog="Example: moment jobs retry 6fb1…")
@job_ids_argument
def retry(job_ids: tuple[UUID, ...]) -> None:
    """Run failed jobs again, each under its own id, from the recording on.

    Cancelled jobs and refused recordings cannot be retried: their audio was removed.
    """
    _for_each(job_ids, lambda container: container.retry_job(), "waiting again")


@jobs.command(epilog="Example: moment jobs cancel 6fb1…")
@job_ids_argument
def cancel(job_ids: tuple[UUID, ...]) -> None:
    """Cancel jobs: waiting ones at once, running ones through their workers within a second."""
    _for_each(job_ids, lambda container: container.cancel_job(), "its worker was asked to cancel it")


@jobs.command(epilog="Example: moment jobs stats --json")
@as_json
def stats(*, as_json: bool) -> None:
    """Count waiting, running and failed jobs, and show the throughput."""
    from entrypoints.commands import job_views

    counted = _with_container(lambda container: container.job_admin().stats())
    if as_json:
        job_views.print_json(counted)
        return
    for name, value in job_views.figures(counted):
        click.echo(f"{name:<16}{value:>10}")


def _for_each(
    job_ids: "Sequence[UUID]", action: "Callable[[Container], Callable[..., Awaitable[Job]]]", otherwise: str
) -> None:
    """Apply an action to several jobs; an error of one does not stop the others."""
    from domain.errors import MomentError

    async def act(container: "Container") -> list[tuple[UUID, str]]:
        refused = []
        for job_id in job_ids:
            try:
                job = await action(container)(job_id)
            except MomentError as error:
                refused.append((job_id, error.message))
            else:
                click.echo(f"{job_id}  {job.status}{'' if job.status.terminal else f', {otherwise}'}")
        return refused

    if refused := _with_container(act):
        raise click.ClickException("; ".join(message for _, message in refused))


def _with_container(action: "Callable[[Container], Awaitable[T]]") -> T:
    import anyio
    import msgspec

    from adapters.postgres.dsn import normalise
    from adapters.postgres.embedded.pid_file import find_running
    from entrypoints.container import open_container

    settings = options.load_settings()
    if settings.database is None and (url := find_running(settings.data_dir.resolve() / "postgres")):
        settings = msgspec.structs.replace(settings, database=normalise(url))

    async def run() -> T:
        async with open_container(settings) as container:
            return await action(container)

    return anyio.run(run)
