"""What was measured against what was wanted."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.chart import draw


class Row(msgspec.Struct, frozen=True):
    """One figure.

    Attributes:
        value: None where it could not be measured; `unit` then says why.
        goal: The most that it may be, or the least; None for a figure that only gives another one its meaning.
        at_least: Whether more is better.
    """

    name: str
    value: float | None
    unit: str
    goal: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None without a goal or a value."""
        if self.value is None or self.goal is None:
            return None
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    @property
    def wanted(self) -> str:
        """The goal in words."""
        return "" if self.goal is None else f"{'≥' if self.at_least else '≤'} {self.goal:.4g}"

    @property
    def verdict(self) -> str:
        """The outcome in a word."""
        return {None: "", True: "met", False: "MISSED"}[self.met]

    @property
    def measured(self) -> str:
        """The value with its unit."""
        if self.value is None:
            return self.unit
        digits = 0 if abs(self.value) >= 1000 else 1 if abs(self.value) >= 100 else 2
        return f"{self.value:,.{digits}f} {self.unit}"


def missing(name: str, why: str) -> Row:
    """Return the row of what cannot be measured here."""
    return Row(name, None, f"not measured: {why}")


def publish(rows: Sequence[Row], out: Path) -> None:
    """Print a table, write the rows as JSON and draw them as SVG beside it."""
    table = Table(title="Main Character Moment, measured")
    for heading in ("what", "measured", "goal", ""):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for row in rows:
        table.add_row(row.name, row.measured, row.wanted, row.verdict)
    Console(width=120).print(table)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(msgspec.json.format(msgspec.json.encode([_document(row) for row in rows])))
    entries = [(row.name, row.measured, _share(row), row.verdict) for row in rows if row.met is not None]
    out.with_suffix(".svg").write_text(draw(entries), encoding="utf-8")


def _document(row: Row) -> dict[str, Any]:
    return {"name": row.name, "value": row.value, "unit": row.unit, "goal": row.goal, "met": row.met}


def _share(row: Row) -> float:
    """Return how much of the goal is reached: 1 is just met, whichever way is better."""
    if not row.value or not row.goal:
        return 0.0
    return row.value / row.goal if row.at_least else row.goal / row.value
