"""Secrets from files: `NAME_FILE` names a file with the value of `NAME`, as in Docker's official images."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from entrypoints.setting_kinds import InvalidSettings

SUFFIX: Final = "_FILE"
MAX_BYTES: Final = 65_536


def read_secrets(values: Mapping[str, str], names: Iterable[str], folder: Path) -> dict[str, str]:
    """Return the variables that are in files; an empty variable counts as unset.

    Args:
        values: Names and values of variables.
        names: The variables that may be in files.
        folder: Where relative paths begin.

    Raises:
        InvalidSettings: Files that cannot be read, or variables that are set in both ways; all of them.
    """
    found: dict[str, str] = {}
    problems: list[str] = []
    for name in names:
        if path := values.get(f"{name}{SUFFIX}"):
            try:
                found[name] = _read(name, folder / path, values)
            except InvalidSettings as error:
                problems.extend(error.problems)
    if problems:
        raise InvalidSettings(*problems)
    return found


def _read(name: str, path: Path, values: Mapping[str, str]) -> str:
    variable = f"{name}{SUFFIX}"
    if values.get(name):
        raise InvalidSettings(f"{name} and {variable} are both set: set one of them")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES).decode().strip()
    except OSError as error:
        raise InvalidSettings(f"{variable}: {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise InvalidSettings(f"{variable}: {path} is not text") from None
