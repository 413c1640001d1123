"""The commands of operators: inspect the queue, retry failed jobs, cancel others."""

# ruff: noqa: PLC0415 - `moment --help` is quick without all of this

from itertools import chain
from typing import TYPE_CHECKING, Final
from uuid import UUID

import click

from domain.blueprints.blueprint import OutputKind
from domain.jobs.transitions import JobStatus
from entrypoints.commands.since import Since
from entrypoints.commands.with_container import with_container

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from application.ports.job_admin import JobEntry
    from application.ports.webhooks import Delivery
    from domain.jobs.job import JobId
    from entrypoints.container import Container

SHOWN_WEBHOOKS: Final = 32
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
job_ids_argument = click.argument("job_ids", metavar="ID...", type=click.UUID, nargs=-1, required=True)


code_option = click.option("--code", help="Only jobs that failed with this code, or wait for it.")
since_option = click.option(
    "--since", type=Since(), help="Only jobs accepted since then: 30min, 2h, 7d, or a time in ISO 8601."
)
kind_option = click.option(
    "--kind", type=click.Choice(OutputKind, case_sensitive=False), help="Only this kind of moment; without it, all."
)


@click.group()
def jobs() -> None:
    """Inspect and repair the queue: list, show, stats, retry, cancel, delete, pause, resume.

    The database is the one of DATABASE_URL, or the one that `moment up` runs in this folder.
    """


@jobs.command("list", epilog="Example: moment jobs list --status FAILED --code tool_failed --since 2h")
@click.option("--status", type=click.Choice(JobStatus, case_sensitive=False), help="Only jobs in this state.")
@code_option
@click.option("--worker", help="Only jobs that this worker holds.")
@since_option
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Maximum number of jobs.")
@as_json
def list_jobs(
    status: JobStatus | None,
    code: str | None,
    worker: str | None,
    since: "datetime | None",
    limit: int,
    *,
    as_json: bool,
) -> None:
    """List jobs: the unfinished first, then the finished, newest first."""
    from application.ports.job_admin import JobFilter
    from application.upkeep.every_job import first_jobs
    from entrypoints.commands import job_views

    which = JobFilter(status=status, code=code, worker=worker, since=since)
    entries = with_container(lambda container: first_jobs(container.job_admin(), which, limit))
    if as_json:
        job_views.print_json(entries)
    else:
        job_views.print_table(["id", "status", "errors", "age", "now"], [job_views.row(entry) for entry in entries])


@jobs.command(epilog="Example: moment jobs show 6fb1…")
@click.argument("job_id", metavar="ID", type=click.UUID)
@as_json
def show(job_id: UUID, *, as_json: bool) -> None:
    """Show everything about a job: history, attempts, webhooks, lease, worker, error, timings."""
    from domain.jobs.job import JobId
    from entrypoints.commands import job_views

    async def read(container: "Container") -> "tuple[JobEntry, Sequence[Delivery]]":
        entry = await container.job_admin().show(JobId(job_id))
        return entry, await container.webhook_deliveries().of_job(entry.id, SHOWN_WEBHOOKS)

    entry, deliveries = with_container(read)
    if as_json:
        job_views.print_json(entry)
        return
    for name, value in chain(job_views.facts(entry), map(job_views.webhook, deliveries)):
        click.echo(f"{name:<10}{value}")
    if entry.job is None:
        return
    click.echo("history")
    for start, name, seconds in job_views.timings(entry.job):
        click.echo(f"  {start:>9.3f} s  {name:<14}{seconds}".rstrip())


@jobs.command(epilog="Example: moment jobs retry --all --code expired --since 1d")
@click.argument("job_ids", metavar="[ID...]", type=click.UUID, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All failed jobs that may do better; see below.")
@click.option("--dry-run", is_flag=True, help="Only list the jobs that would run again.")
@code_option
@since_option
def retry(
    job_ids: tuple[UUID, ...], code: str | None, since: "datetime | None", *, everything: bool, dry_run: bool
) -> None:
    """Run failed jobs again, each under its own id, from the recording on.

    Jobs whose recording was removed cannot be retried: cancelled ones, and refused ones after REFUSED_AUDIO_HOURS.
    --all leaves out jobs that would only fail again, unless --code names their error; --since selects among them.
    """
    full = False
    if everything is bool(job_ids):
        raise click.UsageError("name jobs by their ID, or pass --all")
    if everything:
        job_ids, full = _failed(code, since)
    if dry_run:
        for job_id in job_ids:
            click.echo(f"{job_id}  would run again")
    else:
        _for_each(job_ids, _retry)
    if full:
        click.echo("these were the newest; run it again for the others")


@jobs.command(epilog="Example: moment jobs delete 6fb1…")
@job_ids_argument
def delete(job_ids: tuple[UUID, ...]) -> None:
    """Delete jobs with their audio, as the API does; those that run are stopped first."""
    _for_each(job_ids, _delete)


@jobs.command(epilog="Example: moment jobs pause --kind song")
@kind_option
def pause(kind: OutputKind | None) -> None:
    """Let workers begin no more jobs; running ones finish, new ones are accepted and wait."""
    kinds = _kinds(kind)
    with_container(lambda container: container.job_admin().pause(kinds))
    click.echo(f"paused: {', '.join(kinds)}; go on with moment jobs resume")


@jobs.command(epilog="Example: moment jobs resume")
@kind_option
def resume(kind: OutputKind | None) -> None:
    """Let workers begin jobs again."""
    kinds = _kinds(kind)
    with_container(lambda container: container.job_admin().resume(kinds))
    click.echo(f"resumed: {', '.join(kinds)}")


@jobs.command(epilog="Example: moment jobs cancel 6fb1…")
@job_ids_argument
def cancel(job_ids: tuple[UUID, ...]) -> None:
    """Cancel jobs: waiting ones at once, running ones through their workers within a second."""
    _for_each(job_ids, _cancel)


@jobs.command(epilog="Example: moment jobs stats --json")
@as_json
def stats(*, as_json: bool) -> None:
    """Count waiting, running and failed jobs, and show the throughput."""
    from entrypoints.commands import job_views

    counted = with_container(lambda container: container.job_admin().stats())
    if as_json:
        job_views.print_json(counted)
        return
    for name, value in job_views.figures(counted):
        click.echo(f"{name:<24}{value:>10}")
    if counted.workers:
        workers = [job_views.worker_row(worker) for worker in counted.workers]
        job_views.print_table(["worker", "version", "running", "waits for"], workers)
    if warning := job_views.warning(counted):
        click.echo(warning)


def _failed(code: str | None, since: "datetime | None") -> "tuple[tuple[UUID, ...], bool]":
    """Return the failed jobs that are worth a retry, and whether there may be more; say what was left out."""
    from application.upkeep.failed_jobs import find_failed_jobs

    found = with_container(lambda container: find_failed_jobs(container.job_admin(), code, since))
    if found.left_out:
        click.echo(f"left out, since they would fail again: {found.left_out}; --code selects them")
    elif not found.chosen:
        click.echo("no failed job matches")
    return found.chosen, found.more


def _kinds(kind: OutputKind | None) -> list[OutputKind]:
    return [kind] if kind else list(OutputKind)


async def _retry(container: "Container", job_id: "JobId") -> str:
    return f"{(await container.retry_job()(job_id)).status}, waiting again"


async def _cancel(container: "Container", job_id: "JobId") -> str:
    status = (await container.cancel_job()(job_id)).status
    return status if status.terminal else f"{status}, its worker was asked to cancel it"


async def _delete(container: "Container", job_id: "JobId") -> str:
    await container.delete_job()(job_id)
    return "deleted"


def _for_each(job_ids: "Sequence[UUID]", action: "Callable[[Container, JobId], Awaitable[str]]") -> None:
    """Apply an action to several jobs and print what it returns; an error of one does not stop the others."""
    from domain.errors import MomentError
    from domain.jobs.job import JobId

    async def act(container: "Container") -> list[str]:
        refused = []
        for job_id in map(JobId, job_ids):
            try:
                click.echo(f"{job_id}  {await action(container, job_id)}")
            except MomentError as error:
                refused.append(error.message)
        return refused

    if refused := with_container(act):
        raise click.ClickException("; ".join(refused))
