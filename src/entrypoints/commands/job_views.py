"""Jobs and queue statistics as text for a terminal, and as JSON."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import click
import msgspec

from application.moments.moment_status import timings_of, warnings_of
from application.ports.job_admin import JobEntry, QueueStats
from application.ports.webhooks import Delivery, without_query
from application.ports.workers import WorkerReport
from domain.jobs.artifacts import Artifact
from domain.jobs.job import Job
from entrypoints.commands.remarks import warning_text
from entrypoints.plurals import count_of


def row(entry: JobEntry) -> list[str]:
    """Return a job's row in `moment jobs list`."""
    errors = f"{entry.errors}/{entry.max_attempts}"
    return [str(entry.id), entry.status, errors, duration(entry.now - entry.created_at), state(entry)]


def state(entry: JobEntry) -> str:
    """Return what a job is doing, or how it failed."""
    if entry.job is None:
        return "written by a newer version"
    if entry.status.terminal:
        return entry.job.error.code if entry.job.error else ""
    asked = ", cancelling" if entry.cancel_requested else ""
    if entry.lost:
        return f"lost by {entry.worker}{asked}"
    if entry.leased_until:
        return f"{entry.progress:.0%} on {entry.worker}{asked}"
    reason = f" for {entry.waiting_for}" if entry.waiting_for else ""
    if entry.due_at > entry.now:
        return f"next try in {duration(entry.due_at - entry.now)}, waiting{reason}{asked}"
    return f"waiting{reason}{asked}"


def facts(entry: JobEntry) -> Iterator[tuple[str, str]]:
    """Yield the lines of `moment jobs show`: name and value."""
    yield "id", str(entry.id)
    yield "status", f"{entry.status}  {state(entry)}".rstrip()
    yield "accepted", f"{timestamp(entry.created_at)}, {duration(entry.now - entry.created_at)} ago"
    yield "changed", f"{timestamp(entry.updated_at)}, {duration(entry.now - entry.updated_at)} ago"
    lost = f"{count_of(entry.crashes, 'worker')} lost, {count_of(entry.breaks, 'call')} that broke the tools"
    yield "errors", f"{entry.errors} of {entry.max_attempts}; {lost}, {count_of(entry.token, 'claim')} in all"
    yield "worked", f"{entry.worked:.1f} s"
    if entry.leased_until:
        yield "lease", f"token {entry.token} of {entry.worker}, until {timestamp(entry.leased_until)}"
    if entry.expiring:
        yield "removed", "soon: its musician does not see it any more"
    yield "priority", str(entry.priority)
    if entry.job:
        yield from facts_of(entry.job)


def facts_of(job: Job) -> Iterator[tuple[str, str]]:
    """Yield the lines of `moment jobs show` that are about the moment itself: name and value."""
    request = job.request
    yield "owner", request.owner or "none: sent without a key"
    named = f", {request.client_reference}" if request.client_reference else ""
    yield "asked for", f"{request.output_kind}{named}"
    yield "version", str(job.version)
    yield "recording", _object(job.request.original) + ("" if job.keeps_objects else " (removed)")
    if job.final:
        yield "final", _object(job.final)
    if job.error:
        yield "error", f"{job.error.code}: {job.error.message}{' (permanent)' if job.error.permanent else ''}"
    for found in warnings_of(job):
        yield "warning", warning_text(found.pointer, found.message)
    for attempt in job.attempts:
        free = "" if attempt.counted else " (not counted)"
        yield "attempt", f"{timestamp(attempt.at)} on {attempt.worker}: {attempt.code} {attempt.message}{free}"
    for call in job.calls:
        made = f"{call.tool} in {call.stage}, {call.seconds:.3f} s, attempt {call.attempt} on {call.worker}"
        yield "call", f"{timestamp(call.at)} {made}{f': {call.code}' if call.code else ''}"


def webhook(delivery: Delivery) -> tuple[str, str]:
    """Return a line of `moment jobs show` about a webhook: name and value."""
    last = delivery.log[-1] if delivery.log else None
    answer = f", last answer: {last.error or last.status}" if last else ""
    to = f"{delivery.event} to {without_query(delivery.url)}"
    so_far = f"{delivery.state} after {count_of(delivery.attempts, 'attempt')}"
    return "webhook", f"{timestamp(delivery.occurred_at)} {to}: {so_far}{answer}"


def _object(artifact: Artifact) -> str:
    return f"{artifact.key}, {count_of(artifact.size, 'byte')}, {artifact.mime_type}"


def timings(job: Job) -> Iterator[tuple[float, str, str]]:
    """Yield when each state and stem began, in seconds, its name, and how long it took."""
    for timing in sorted(timings_of(job), key=lambda timing: timing.start):
        yield timing.start, timing.name, "…" if timing.seconds is None else f"{timing.seconds:.3f} s"
    if job.status.terminal:
        yield (job.history[-1].at - job.history[0].at).total_seconds(), job.status, ""


def figures(counted: QueueStats) -> Iterator[tuple[str, str]]:
    """Yield the lines of `moment jobs stats`: name and value."""
    yield "counted", timestamp(counted.counted_at)
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
    for code, jobs in sorted(counted.waiting_for.items()):
        yield f"for {code}", str(jobs)
    asked = counted.conversions
    yield "files waiting", str(asked.waiting)
    yield "oldest file", duration(timedelta(seconds=asked.oldest_waiting))
    yield "files running", str(asked.running)
    yield "files failed 1 h", str(asked.failed_1h)
    yield "paused", ", ".join(counted.paused) or "nothing"
    yield "workers", str(len(counted.workers))


def warning(counted: QueueStats) -> str:
    """Return what an operator should know at once, or nothing."""
    if counted.workers or not counted.waiting + counted.delayed:
        return ""
    return f"{count_of(counted.waiting + counted.delayed, 'job')} waiting and no worker"


def worker_row(worker: WorkerReport) -> list[str]:
    """Return a worker's row in `moment jobs stats`."""
    blocked = ", ".join(f"{kind}: {code}" for kind, code in worker.waiting_for.items())
    return [worker.name, worker.version, f"{worker.running}/{worker.slots}", blocked]


def print_table(header: list[str], lines: list[list[str]]) -> None:
    """Print lines in aligned columns."""
    widths = [max(len(line[column]) for line in [header, *lines]) for column in range(len(header))]
    for line in [header, *lines]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def print_json(value: Any) -> None:
    """Print a struct or a list of structs as JSON."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def timestamp(at: datetime) -> str:
    """Return a time in UTC to the second."""
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")


def duration(span: timedelta) -> str:
    """Return a duration in its largest unit of which there are two or more."""
    seconds = span.total_seconds()
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.1f} s"
