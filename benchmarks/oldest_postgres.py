"""The oldest Postgres of this machine's packages, run as the embedded one is: a managed database may be older."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from adapters.postgres.embedded.environment import server_environment
from adapters.postgres.embedded.pid_file import CLUSTER, is_ready, server_url
from adapters.postgres.embedded.server import SETTINGS
from adapters.postgres.embedded.system_user import server_account
from benchmarks.site import await_that

PACKAGES: Final = Path("/usr/lib/postgresql")
"""Where Debian has its servers."""

OLDEST: Final = 15
"""The oldest version that is supported."""

INITDB: Final = ("--auth=trust", "--encoding=utf8", "--locale=C", "-U", "postgres")
STOP_SECONDS: Final = 30.0


def programs() -> Path | None:
    """Return the folder of the programs; None where no version is installed that is supported."""
    versions = sorted(int(folder.name) for folder in PACKAGES.glob("[0-9]*") if (folder / "bin/postgres").exists())
    found = [version for version in versions if version >= OLDEST]
    return PACKAGES / str(found[0]) / "bin" if found else None


@contextmanager
def oldest_postgres(folder: Path, binaries: Path) -> Iterator[str]:
    """Run a server in a new folder while the block lasts; yield its URL."""
    folder.mkdir(mode=0o700)
    user = _owner_of(folder)
    quiet = partial(subprocess.Popen[bytes], cwd="/", env=server_environment(), stdout=subprocess.DEVNULL, **user)
    if quiet([str(binaries / "initdb"), *INITDB, "-D", str(folder / CLUSTER)]).wait():
        raise RuntimeError("initdb failed")
    settings = SETTINGS | {"unix_socket_directories": str(folder)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = quiet([str(binaries / "postgres"), "-D", str(folder / CLUSTER), *options], stderr=log)
    try:
        await_that(lambda: is_ready(folder), "the oldest Postgres")
        yield server_url(str(folder))
    finally:
        server.terminate()
        server.wait(STOP_SECONDS)


def _owner_of(folder: Path) -> dict[str, Any]:
    """Give a folder to the user who may run a server; return the arguments that run a child as that user."""
    if (account := server_account()) is None:
        return {}
    os.chown(folder, account.uid, account.gid)
    return account.identity()
