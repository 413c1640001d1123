"""Commands of operators as tests call them: in this process, over a database."""

from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

from entrypoints.cli import main

Moment = Callable[..., Result]


def environment_of(database_url: str, folder: Path) -> dict[str, str]:
    """Return the settings of commands: the database, and an empty folder of data."""
    return {"DATABASE_URL": database_url, "MOMENT_DATA_DIR": str(folder)}


def moment_in(group: str, environment: dict[str, str]) -> Moment:
    """Return what runs a command of a group: `moment jobs …`."""

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(main, [group, *map(str, arguments)], env=environment)

    return run
