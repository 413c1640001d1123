"""Variables of other programs must not change what our processes do."""

from collections.abc import MutableMapping
from typing import Final

_LIBPQ: Final = "PG"


def isolate(environ: MutableMapping[str, str]) -> None:
    """Remove the variables of Postgres clients, which the driver reads.

    `PGHOST` or `PGSSLMODE` are for other databases: ours is what `DATABASE_URL` says, or the embedded one.
    """
    for name in [name for name in environ if name.startswith(_LIBPQ)]:
        del environ[name]
