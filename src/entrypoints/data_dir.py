"""The folder where everything embedded keeps its files, and the secrets that its processes share."""

import os
import secrets
from pathlib import Path
from typing import Final

from entrypoints.settings import InvalidSettings

SECRET_BYTES: Final = 32


def prepare(data_dir: Path) -> Path:
    """Return the folder, made if it was not there, for its owner alone. Raises `InvalidSettings`: it cannot be."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidSettings(f"the data folder {data_dir} cannot be made: {error.strerror}") from error
    return data_dir


def shared_secret(data_dir: Path, name: str) -> str:
    """Return the secret of this name, drawn by whichever process asks first. Raises `InvalidSettings`."""
    path = prepare(data_dir) / f"{name}.secret"
    try:
        if not path.exists():
            _write_once(path, secrets.token_hex(SECRET_BYTES))
        return path.read_text().strip()
    except OSError as error:
        raise InvalidSettings(f"the secret in {path} cannot be read: {error.strerror}") from error


def _write_once(path: Path, secret: str) -> None:
    """Write the secret unless another process was first; nobody ever reads half of one."""
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
