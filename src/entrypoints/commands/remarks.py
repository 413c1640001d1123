"""What a status says beside its state: warnings, and the style that a moment is really made in."""

from collections.abc import Callable, Iterable
from typing import Any, Final

import click

from domain.error_codes import Code
from domain.music.styles.registry import DEFAULT_STYLE
from domain.warnings import WarningCode

Document = dict[str, Any]
"""What the API returns for a moment: the 202 that accepts it, or its status."""


PASSING: Final[frozenset[Code]] = frozenset(
    {
        "provider_busy",
        "provider_unavailable",
        "storage_unavailable",
        "tools_busy",
        "tools_lost",
        "tools_unavailable",
        "transfer_interrupted",
        "worker_lost",
    }
)
"""What keeps a job waiting and ends without anybody's help, as far as we know."""

HELP: Final[dict[Code, str]] = {
    "jobs_paused": "an operator paused such jobs; `moment jobs resume` lets them go on",
    "worker_missing": "it goes on when a worker runs (`moment worker`, or `moment up` for everything)",
}
"""What the others need, where there is more to say than that they must be mended."""


def printer() -> Callable[[Document], None]:
    """Return a function that prints the remarks about a moment on standard error, each of them once."""
    printed: set[str] = set()

    def show(document: Document) -> None:
        for line in remarks(document):
            if line not in printed:
                click.echo(line, err=True)
                printed.add(line)

    return show


def remarks(document: Document) -> Iterable[str]:
    """Yield the lines that people should read beside the state."""
    for warning in document.get("warnings", ()):  # absent in the answers of version 0.2
        yield f"warning: {warning_text(warning['pointer'], warning['message'])}"
    if code := document.get("waiting_for"):
        yield f"  waiting for {code}: {_outlook(code)}"


def _outlook(code: Code) -> str:
    """Return when a job that waits for this goes on."""
    if code in PASSING:
        return "it goes on by itself"
    return HELP.get(code, "it goes on when its operator has corrected that; `moment doctor` says how")


def warning_text(pointer: str, message: str) -> str:
    """Return a warning as a line: what it is about, and what it says."""
    return f"{pointer.lstrip('/')}: {message}"


def style_of(status: Document) -> str:
    """Return the style of a status, with what was understood of it: nothing, or more than its name."""
    style = str(status["blueprint_json"]["style"])
    codes = {warning["code"] for warning in status.get("warnings", ())}
    if WarningCode.UNKNOWN_STYLE in codes:
        return f"{style} (not known, played as {DEFAULT_STYLE})"
    understood = status.get("style_resolved")  # absent from an older server's status
    if not understood or style == understood["style"]:
        return style
    rhythm = [f"rhythm of {understood['rhythm']}"] if understood["rhythm"] else []
    return f"{style} (played as {', '.join([understood['style'], *rhythm, *understood['moods']])})"
