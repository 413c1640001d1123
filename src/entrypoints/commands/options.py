"""Options that several commands share, and the settings they override."""

# ruff: noqa: PLC0415 - `moment --help` is quick without all of this

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from entrypoints.settings import Settings

host = click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
port = click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on. [default: 8000]")
data_dir = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the embedded parts. [default: .moment]",
)
api = click.option(
    "--api", default="http://127.0.0.1:8000", envvar="MOMENT_API_URL", show_default=True, help="URL of the service."
)


def load_settings(**overrides: object) -> "Settings":
    """Return the settings of the environment and `.env`, overridden by options of the command line.

    Raises:
        InvalidSettings: A setting is invalid.
    """
    from entrypoints.settings import load

    given = {name: str(value) for name, value in overrides.items() if value is not None}
    return load({**os.environ, **given}, Path.cwd())
