"""Secrets from files: `NAME_FILE` names a file with the value of `NAME`, as in Docker's official images."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from entrypoints.setting_kinds import InvalidSettings

SUFFIX: Final = "_FILE"
MAX_BYTES: Final = 65_536


def with_secrets(values: Mapping[str, str], names: Iterable[str], folder: Path) -> dict[str, str]:
    """Return the variables with those that are in files; an empty variable counts as unset.

    Args:
        values: Names and values of variables.
        names: The variables that may be in files.
        folder: Where relative paths begin.

    Raises:
        InvalidSettings: A file cannot be read, or a variable is set in both ways.
    """
    found = dict(values)
    for name in names:
        variable = f"{name}{SUFFIX}"
        if not values.get(variable):
            continue
        if values.get(name):
            raise InvalidSettings(f"{name} and {variable} are both set: set one of them")
        found[name] = _read(variable, folder / values[variable])
    return found


def _read(variable: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES).decode().strip()
    except OSError as error:
        raise InvalidSettings(f"{variable}: {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise InvalidSettings(f"{variable}: {path} is not text") from None
