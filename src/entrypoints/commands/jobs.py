"""The commands of operators: look into the queue, give failed jobs another chance, stop others."""

# ruff: noqa: PLC0415 - `moment --help` is quick without all of this

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import click

from entrypoints.commands import options

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from application.ports.job_admin import JobEntry, QueueStats
    from domain.jobs.artifacts import Artifact
    from domain.jobs.job import Job
    from entrypoints.container import Container

T = TypeVar("T")

STATUSES = ["PENDING", "ANALYZING", "RENDERING", "MIXING", "COMPLETED", "FAILED", "CANCELLED"]

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
several = click.argument("job_ids", metavar="ID...", type=click.UUID, nargs=-1, required=True)


@click.group()
def jobs() -> None:
    """Look after the queue: list, show, retry, cancel, stats.

    The database is the one of DATABASE_URL, or the one that `moment up` runs in this folder.
    """


@jobs.command("list", epilog="Example: moment jobs list --status FAILED --limit 100")
@click.option("--status", type=click.Choice(STATUSES, case_sensitive=False), help="Only jobs in this state.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="At most so many.")
@as_json
def list_jobs(status: str | None, limit: int, *, as_json: bool) -> None:
    """List jobs: the unfinished first, then the finished, newest first."""
    from domain.jobs.transitions import JobStatus

    wanted = JobStatus(status) if status else None
    entries = _with_container(lambda container: container.job_admin().list_jobs(wanted, limit))
    if as_json:
        _print_json(entries)
    else:
        _print_table(["id", "status", "attempt", "age", "now"], [_line(entry) for entry in entries])


@jobs.command(epilog="Example: moment jobs show 6fb1…")
@click.argument("job_id", metavar="ID", type=click.UUID)
@as_json
def show(job_id: UUID, *, as_json: bool) -> None:
    """Show all that is known about a job: history, attempts, lease, worker, error, timings."""
    from domain.jobs.job import JobId

    entry = _with_container(lambda container: container.job_admin().show(JobId(job_id)))
    if as_json:
        _print_json(entry)
        return
    for name, value in _facts(entry):
        click.echo(f"{name:<10}{value}")
    click.echo("history")
    for start, name, seconds in _timings(entry.job):
        click.echo(f"  {start:>9.3f} s  {name:<14}{seconds}".rstrip())


@jobs.command(epilog="Example: moment jobs retry 6fb1…")
@several
def retry(job_ids: tuple[UUID, ...]) -> None:
    """Make failed moments again, each under its own id: whoever waits for it finds it done.

    The recording must still be there: cancelled jobs and refused recordings keep none.
    """
    _for_each(job_ids, lambda container: container.retry_job(), "waiting again")


@jobs.command(epilog="Example: moment jobs cancel 6fb1…")
@several
def cancel(job_ids: tuple[UUID, ...]) -> None:
    """Stop jobs: waiting ones now, running ones through their workers within a second."""
    _for_each(job_ids, lambda container: container.cancel_job(), "its worker was asked to stop it")


@jobs.command(epilog="Example: moment jobs stats --json")
@as_json
def stats(*, as_json: bool) -> None:
    """Count what waits, runs and failed, and how quickly jobs get done."""
    counted = _with_container(lambda container: container.job_admin().stats())
    if as_json:
        _print_json(counted)
        return
    for name, value in _figures(counted):
        click.echo(f"{name:<16}{value:>10}")


def _for_each(
    job_ids: "Sequence[UUID]", action: "Callable[[Container], Callable[..., Awaitable[Job]]]", otherwise: str
) -> None:
    """Do the same to several jobs; what went wrong with one does not keep the others from it."""
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


def _line(entry: "JobEntry") -> list[str]:
    attempt = f"{entry.attempt}/{entry.max_attempts}"
    return [str(entry.job.id), entry.job.status, attempt, _span(entry.now - entry.created_at), _state(entry)]


def _state(entry: "JobEntry") -> str:
    if entry.job.status.terminal:
        return entry.job.error.code if entry.job.error else ""
    asked = ", asked to stop" if entry.cancel_requested else ""
    if entry.leased_until and entry.leased_until > entry.now:
        return f"{entry.progress:.0%} on {entry.worker}{asked}"
    if entry.leased_until:
        return f"lost by {entry.worker}{asked}"
    if entry.due_at > entry.now:
        return f"next try in {_span(entry.due_at - entry.now)}{asked}"
    return f"waiting{asked}"


def _facts(entry: "JobEntry") -> "Iterator[tuple[str, str]]":
    job = entry.job
    yield "id", str(job.id)
    yield "status", f"{job.status}  {_state(entry)}".rstrip()
    yield "accepted", f"{_moment(entry.created_at)}, {_span(entry.now - entry.created_at)} ago"
    yield "changed", f"{_moment(entry.updated_at)}, {_span(entry.now - entry.updated_at)} ago"
    yield "attempts", f"{entry.attempt} of {entry.max_attempts}, {entry.token} claims in all"
    if entry.leased_until:
        yield "lease", f"token {entry.token} of {entry.worker}, until {_moment(entry.leased_until)}"
    yield "version", str(job.version)
    yield "priority", str(entry.priority)
    yield "recording", _object(job.request.original)
    if job.final:
        yield "final", _object(job.final)
    if job.error:
        yield "error", f"{job.error.code}: {job.error.message}{' (permanent)' if job.error.permanent else ''}"


def _object(artifact: "Artifact") -> str:
    return f"{artifact.key}, {artifact.size} bytes, {artifact.mime_type}"


def _timings(job: "Job") -> "Iterator[tuple[float, str, str]]":
    from application.moments.read_status import timings_of

    for timing in sorted(timings_of(job), key=lambda timing: timing.start):
        yield timing.start, timing.name, "…" if timing.seconds is None else f"{timing.seconds:.3f} s"
    if job.status.terminal:
        yield (job.history[-1].at - job.history[0].at).total_seconds(), job.status, ""


def _figures(counted: "QueueStats") -> "Iterator[tuple[str, str]]":
    yield "waiting", str(counted.waiting)
    yield "oldest waiting", _span(timedelta(seconds=counted.oldest_waiting))
    yield "delayed", str(counted.delayed)
    yield "running", str(counted.running)
    yield "lost", str(counted.lost)
    yield "completed 1 min", str(counted.completed_1m)
    yield "completed 1 h", str(counted.completed_1h)
    yield "completed 1 d", str(counted.completed_1d)
    yield "failed 1 d", str(counted.failed_1d)
    yield "cancelled 1 d", str(counted.cancelled_1d)
    yield "throughput", f"{counted.completed_1m / 60:.2f}/s"


def _print_table(header: list[str], lines: list[list[str]]) -> None:
    widths = [max(len(line[column]) for line in [header, *lines]) for column in range(len(header))]
    for line in [header, *lines]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _print_json(value: Any) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")


def _span(span: timedelta) -> str:
    seconds = span.total_seconds()
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.1f} s"
