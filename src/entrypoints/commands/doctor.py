"""The command that diagnoses an installation."""

# ruff: noqa: PLC0415 - `moment --help` is quick without all of this

from typing import TYPE_CHECKING

import click

from entrypoints.commands import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyio import CancelScope

    from entrypoints.doctor.checkup import Checkup
    from entrypoints.doctor.report import Finding


@click.command(epilog="Example: moment doctor --json | jq '.checks[] | select(.verdict == \"fail\")'")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option(
    "--timeout", type=click.FloatRange(0.1, 60), default=5.0, show_default=True, help="Seconds for each check."
)
def doctor(timeout: float, *, as_json: bool) -> None:
    """Check that everything is configured, reachable and up to date, and suggest fixes.

    Postgres, object storage (with a probe object that is removed again), music tools, api, clocks. What is not
    configured is embedded by `moment up`. Secrets are never shown.

    Exit code 0: no failures, warnings allowed; 1: a check failed; 2: the settings are invalid.
    """
    import os
    from pathlib import Path

    import anyio

    from entrypoints.doctor.checkup import Checkup
    from entrypoints.doctor.redaction import redactor
    from entrypoints.doctor.rendering import has_passed
    from entrypoints.settings import InvalidSettings

    redact = redactor(os.environ, Path.cwd())
    try:
        settings = options.at_running_service(options.load_settings())
    except InvalidSettings as error:
        _print_invalid_settings([redact(problem) for problem in error.problems], as_json=as_json)
        raise SystemExit(2) from None
    findings = anyio.run(_run_checks, Checkup(settings, redact, timeout))
    _print(findings, as_json=as_json)
    if not has_passed(findings):
        raise SystemExit(1)


def _print_invalid_settings(problems: "Sequence[str]", *, as_json: bool) -> None:
    """Print that the settings are invalid; nothing else can be checked then."""
    from entrypoints.doctor.rendering import as_json as render_json
    from entrypoints.doctor.report import Finding, Verdict

    if as_json:
        fix = "correct it in the environment or in .env"
        click.echo(render_json([Finding("settings", Verdict.FAIL, problem, fix) for problem in problems]))
    else:
        for problem in problems:
            click.echo(f"Error: {problem}", err=True)


async def _run_checks(checkup: "Checkup") -> "Sequence[Finding]":
    """Run the checks and show which ones take long; SIGINT and SIGTERM cancel them, and their clean-up runs."""
    import anyio
    from rich.console import Console

    from entrypoints.doctor.rendering import show_progress

    console = Console(stderr=True)
    with anyio.CancelScope() as whole:
        async with anyio.create_task_group() as beside:
            beside.start_soon(_cancel_on_signal, whole)
            if console.is_terminal:
                beside.start_soon(show_progress, checkup, console)
            findings = await checkup.run()
            beside.cancel_scope.cancel()
            return findings
    raise KeyboardInterrupt


async def _cancel_on_signal(scope: "CancelScope") -> None:
    import signal

    import anyio

    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            scope.cancel()
            return


def _print(findings: "Sequence[Finding]", *, as_json: bool) -> None:
    import sys

    from entrypoints.doctor import rendering

    if as_json:
        click.echo(rendering.as_json(findings))
    elif sys.stdout.isatty():
        from rich.console import Console

        Console().print(rendering.as_table(findings))
    else:
        for line in rendering.as_lines(findings):
            click.echo(line)
