"""Variables of other programs must not change what our processes do, nor the processes that they start."""

from collections.abc import MutableMapping
from typing import Final

_LIBPQ: Final = "PG"
_LOCALE: Final = ("LC_", "LANG")


def isolate(environ: MutableMapping[str, str]) -> None:
    """Remove the variables of Postgres clients and servers, and choose the locale that every system has.

    `PGHOST`, `PGSSLMODE` or `PGPORT` are for other databases: ours is what `DATABASE_URL` says, or the embedded one.
    A locale that is not installed, or is not UTF-8, would keep the embedded one from being created.
    """
    for name in [name for name in environ if name.startswith((_LIBPQ, *_LOCALE))]:
        del environ[name]
    environ["LC_ALL"] = "C"  # Python's own encoding then is UTF-8, by PEP 540
