"""The command that shows which settings are in force."""

# ruff: noqa: PLC0415 - `moment --help` is quick without all of this

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from entrypoints.commands import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrypoints.setting_report import InForce
    from entrypoints.settings import Settings

UNSET: Final = "-"


@click.command(epilog="Example: moment settings --json | jq '.settings[] | select(.source != \"default\")'")
@options.host
@options.port
@options.data_dir
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def settings(host: str | None, port: int | None, data_dir: Path | None, *, as_json: bool) -> None:
    """Show the settings that are in force in this folder, and where each comes from.

    An option, the environment, the file .env, or the default. Secrets are never shown.
    """
    import os

    from entrypoints.doctor.redaction import redactor
    from entrypoints.setting_report import in_force

    given, found = options.read_settings(MOMENT_HOST=host, MOMENT_PORT=port, MOMENT_DATA_DIR=data_dir)
    redact = redactor(os.environ, Path.cwd())
    rows = list(in_force(found, given))
    click.echo(redact(_json(found, rows) if as_json else _table(found, rows)))


def _json(found: "Settings", rows: "Sequence[InForce]") -> str:
    import msgspec

    document = {"settings": rows, "unknown": found.unknown, "ignored": [*found.ignored, *found.links]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def _table(found: "Settings", rows: "Sequence[InForce]") -> str:
    name, value = (max(len(text) for text in column) for column in zip(*((r.name, r.value) for r in rows), strict=True))
    lines = [f"{row.name:<{name}}  {row.value or UNSET:<{value}}  {row.source}" for row in rows]
    lines += [f"ignored: {', '.join(names)}" for names in (found.ignored, found.links) if names]
    for each in found.unknown:
        lines.append(f"unknown: {each.name}{f' (is it {each.nearest}?)' if each.nearest else ''}")
    return "\n".join(lines)
