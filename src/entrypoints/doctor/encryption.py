"""Whether the way to Postgres may be read by others: beyond a private network it must be encrypted."""

import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from adapters.http.addresses import is_public
from adapters.http.egress import resolve
from adapters.postgres.dsn import Dsn
from entrypoints.doctor.report import ProbeResult, Verdict

ENCRYPTED: Final = frozenset({"require", "verify-ca", "verify-full"})
"""Modes that never go on without TLS; `prefer`, the default, does when the server, or somebody on the way, says no."""

DEFAULT_MODE: Final = "prefer"
POSTGRES_PORT: Final = 5432


async def encryption_result(
    dsn: Dsn, variable: str, resolve: Callable[[str, int], Awaitable[Sequence[str]]] = resolve
) -> ProbeResult | None:
    """Return a warning where the connection may go unencrypted to a public address, else None.

    Args:
        dsn: The database.
        variable: The variable that names it.
        resolve: Resolves names.

    Raises:
        OSError: A host has no address.
    """
    options = dict(parse_qsl(urlsplit(dsn.url).query))
    mode = options.get("sslmode") or os.environ.get("PGSSLMODE") or DEFAULT_MODE
    if mode in ENCRYPTED:
        return None
    for host in _hosts(dsn.url, options):
        if any(is_public(address) for address in await resolve(host, POSTGRES_PORT)):
            seen = f"sslmode={mode}: passwords and hums may cross public networks unencrypted"
            return ProbeResult(seen, Verdict.WARN, f"add sslmode=verify-full (or require) to {variable}")
    return None


def _hosts(url: str, options: dict[str, str]) -> list[str]:
    """Return the hosts of a URL; folders of sockets are none."""
    places = options.get("host") or urlsplit(url).netloc.rpartition("@")[2]
    names = [
        place.partition("]")[0][1:] if place.startswith("[") else place.partition(":")[0] for place in places.split(",")
    ]
    return [name for name in names if name and not name.startswith("/")]
