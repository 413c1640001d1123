"""What was measured against what was wanted."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
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
        spread: The least and the most of several rounds.
    """

    name: str
    value: float | None
    unit: str
    goal: float | None = None
    at_least: bool = False
    spread: tuple[float, float] | None = None

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
        return f"{_number(self.value)} {self.unit}"

    @property
    def rounds(self) -> str:
        """The spread in words."""
        return "" if self.spread is None else "–".join(_number(end) for end in self.spread)


def _number(value: float) -> str:
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2
    return f"{value:,.{digits}f}"


def of_rounds(
    name: str, values: Sequence[float], unit: str, goal: float | None = None, *, at_least: bool = False
) -> Row:
    """Return the row of a figure that was measured several times: the median, and how far it went."""
    return Row(name, median(values), unit, goal, at_least, (min(values), max(values)))


def missing(name: str, why: str) -> Row:
    """Return the row of what cannot be measured here."""
    return Row(name, None, f"not measured: {why}")


def publish(rows: Sequence[Row], out: Path) -> None:
    """Print a table, write the rows as JSON and draw them as SVG beside it."""
    table = Table(title="Main Character Moment, measured")
    for heading in ("what", "measured", "rounds", "goal", ""):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for row in rows:
        table.add_row(row.name, row.measured, row.rounds, row.wanted, row.verdict)
    Console(width=140).print(table)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(msgspec.json.format(msgspec.json.encode([_document(row) for row in rows])))
    entries = [(row.name, row.measured, _share(row), row.verdict) for row in rows if row.met is not None]
    out.with_suffix(".svg").write_text(draw(entries), encoding="utf-8")


def _document(row: Row) -> dict[str, Any]:
    measured = {"name": row.name, "value": row.value, "unit": row.unit, "spread": row.spread}
    return measured | {"goal": row.goal, "met": row.met}


def _share(row: Row) -> float:
    """Return how much of the goal is reached: 1 is just met, whichever way is better."""
    if not row.value or not row.goal:
        return 0.0
    return row.value / row.goal if row.at_least else row.goal / row.value
