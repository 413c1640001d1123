"""What was measured against what was wanted."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table


class Row(msgspec.Struct, frozen=True):
    """One figure.

    Attributes:
        goal: The most that it may be.
    """

    name: str
    value: float
    unit: str
    goal: float

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.value <= self.goal


def publish(rows: Sequence[Row], out: Path) -> None:
    """Print a table and write the rows as JSON."""
    table = Table(title="Main Character Moment, measured")
    for heading in ("what", "measured", "goal", ""):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for row in rows:
        table.add_row(
            row.name, f"{row.value:.2f} {row.unit}", f"≤ {row.goal:g} {row.unit}", "met" if row.met else "MISSED"
        )
    Console(width=110).print(table)
    out.parent.mkdir(parents=True, exist_ok=True)
    document = [{**msgspec.structs.asdict(row), "met": row.met} for row in rows]
    out.write_bytes(msgspec.json.format(msgspec.json.encode(document)))
