"""Jobs and queue statistics as text for a terminal, and as JSON."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import click
import msgspec

from application.moments.read_status import timings_of
from application.ports.job_admin import JobEntry, QueueStats
from domain.jobs.artifacts import Artifact
from domain.jobs.job import Job


def row(entry: JobEntry) -> list[str]:
    """Return a job's row in `moment jobs list`."""
    attempt = f"{entry.attempt}/{entry.max_attempts}"
    return [str(entry.job.id), entry.job.status, attempt, duration(entry.now - entry.created_at), state(entry)]


def state(entry: JobEntry) -> str:
    """Return what a job is doing, or how it failed."""
    if entry.job.status.terminal:
        return entry.job.error.code if entry.job.error else ""
    asked = ", cancelling" if entry.cancel_requested else ""
    if entry.leased_until and entry.leased_until > entry.now:
        return f"{entry.progress:.0%} on {entry.worker}{asked}"
    if entry.leased_until:
        return f"lost by {entry.worker}{asked}"
    if entry.due_at > entry.now:
        return f"next try in {duration(entry.due_at - entry.now)}{asked}"
    return f"waiting{asked}"


def facts(entry: JobEntry) -> Iterator[tuple[str, str]]:
    """Yield the lines of `moment jobs show`: name and value."""
    job = entry.job
    yield "id", str(job.id)
    yield "status", f"{job.status}  {state(entry)}".rstrip()
    yield "accepted", f"{_timestamp(entry.created_at)}, {duration(entry.now - entry.created_at)} ago"
    yield "changed", f"{_timestamp(entry.updated_at)}, {duration(entry.now - entry.updated_at)} ago"
    yield "attempts", f"{entry.attempt} of {entry.max_attempts}, {entry.token} claims in all"
    if entry.leased_until:
        yield "lease", f"token {entry.token} of {entry.worker}, until {_timestamp(entry.leased_until)}"
    yield "version", str(job.version)
    yield "priority", str(entry.priority)
    yield "recording", _object(job.request.original)
    if job.final:
        yield "final", _object(job.final)
    if job.error:
        yield "error", f"{job.error.code}: {job.error.message}{' (permanent)' if job.error.permanent else ''}"


def _object(artifact: Artifact) -> str:
    return f"{artifact.key}, {artifact.size} bytes, {artifact.mime_type}"


def timings(job: Job) -> Iterator[tuple[float, str, str]]:
    """Yield when each state and stem began, in seconds, its name, and how long it took."""
    for timing in sorted(timings_of(job), key=lambda timing: timing.start):
        yield timing.start, timing.name, "…" if timing.seconds is None else f"{timing.seconds:.3f} s"
    if job.status.terminal:
        yield (job.history[-1].at - job.history[0].at).total_seconds(), job.status, ""


def figures(counted: QueueStats) -> Iterator[tuple[str, str]]:
    """Yield the lines of `moment jobs stats`: name and value."""
    yield "waiting", str(counted.waiting)
    yield "oldest waiting", duration(timedelta(seconds=counted.oldest_waiting))
    yield "delayed", str(counted.delayed)
    yield "running", str(counted.running)
    yield "lost", str(counted.lost)
    yield "completed 1 min", str(counted.completed_1m)
    yield "completed 1 h", str(counted.completed_1h)
    yield "completed 1 d", str(counted.completed_1d)
    yield "failed 1 d", str(counted.failed_1d)
    yield "cancelled 1 d", str(counted.cancelled_1d)
    yield "throughput", f"{counted.completed_1m / 60:.2f}/s"


def print_table(header: list[str], lines: list[list[str]]) -> None:
    """Print lines in aligned columns."""
    widths = [max(len(line[column]) for line in [header, *lines]) for column in range(len(header))]
    for line in [header, *lines]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def print_json(value: Any) -> None:
    """Print a struct or a list of structs as JSON."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def _timestamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")


def duration(span: timedelta) -> str:
    """Return a duration in its largest unit of which there are two or more."""
    seconds = span.total_seconds()
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.1f} s"
