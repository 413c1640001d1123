"""The folder of the embedded parts, and the secrets that their processes share."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from adapters.toolkit.private_files import make_folder
from entrypoints.settings import InvalidSettings

SECRET_BYTES: Final = 32


def prepare(data_dir: Path) -> Path:
    """Return the folder; create it, accessible to its owner only, if it does not exist.

    Raises:
        InvalidSettings: It cannot be created.
    """
    try:
        make_folder(data_dir)
    except OSError as error:
        raise InvalidSettings(f"the data folder {data_dir} cannot be created: {error.strerror}") from error
    return data_dir


def new_token() -> str:
    """Return a secret that nobody can guess."""
    return secrets.token_hex(SECRET_BYTES)


def shared_secret(data_dir: Path, name: str, make: Callable[[], str] = new_token) -> str:
    """Return the secret of this name; the first process that asks makes it.

    Raises:
        InvalidSettings: The folder or the file cannot be used.
    """
    path = prepare(data_dir) / f"{name}.secret"
    try:
        if not path.exists():
            _write_once(path, make())
        return path.read_text().strip()
    except OSError as error:
        raise InvalidSettings(f"the secret in {path} cannot be read: {error.strerror}") from error


def _write_once(path: Path, secret: str) -> None:
    """Write the secret unless another process was first; the hard link makes it appear whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
