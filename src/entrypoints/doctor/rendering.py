"""Findings as a table for a terminal, as plain lines and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Final

import anyio
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from entrypoints.doctor.checkup import Checkup
from entrypoints.doctor.report import Finding, Verdict

PATIENCE: Final = 1.0
"""Seconds after which running checks are shown."""

REFRESH: Final = 0.2

STYLES: Final = {
    Verdict.OK: "green",
    Verdict.WARN: "yellow",
    Verdict.FAIL: "bold red",
    Verdict.NOT_CONFIGURED: "dim",
}


def has_passed(findings: Sequence[Finding]) -> bool:
    """Return whether nothing failed."""
    return all(finding.verdict is not Verdict.FAIL for finding in findings)


def as_json(findings: Sequence[Finding]) -> str:
    """Return the report as JSON."""
    document = {"ok": has_passed(findings), "checks": findings}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def as_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the report as plain lines."""
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        yield f"{finding.verdict:<{len(Verdict.NOT_CONFIGURED)}}  {finding.name:<{width}}  {finding.seen}"
        if finding.fix:
            yield f"{'':<{len(Verdict.NOT_CONFIGURED)}}  {'':<{width}}  → {finding.fix}"
    yield summary(findings)


def as_table(findings: Sequence[Finding]) -> Table:
    """Return the report as a table. Results are text, never markup."""
    table = Table(box=None, pad_edge=False, header_style="bold", caption=summary(findings), caption_justify="left")
    for heading in ("check", "result", "seen", "fix"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        result = Text(finding.verdict, STYLES[finding.verdict])
        table.add_row(finding.name, result, Text(finding.seen), Text(finding.fix))
    return table


def summary(findings: Sequence[Finding]) -> str:
    """Return the summary line."""
    failed, warned = (
        sum(finding.verdict is verdict for finding in findings) for verdict in (Verdict.FAIL, Verdict.WARN)
    )
    return f"{failed} failed, {warned} with warnings" if failed or warned else "no problems found"


async def show_progress(checkup: Checkup, console: Console) -> None:
    """Show the running checks until cancelled, once they take long."""
    await anyio.sleep(PATIENCE)
    with console.status("") as status:
        while True:
            status.update(f"checking {', '.join(checkup.checking())}")
            await anyio.sleep(REFRESH)
