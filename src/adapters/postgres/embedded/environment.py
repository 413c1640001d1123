"""The environment in which the embedded server's programs run."""

import os
from typing import Final

_OTHERS: Final = ("PG", "LC_", "LANG")


def server_environment() -> dict[str, str]:
    """Return ours without what is for other databases, and with the locale that every system has.

    `PGPORT` or `PGOPTIONS` would change the server, and a locale that is not installed, or is not UTF-8, would keep
    `initdb` from creating it.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
    return ours | {"LC_ALL": "C"}
