"""How many connections a fleet needs, and how many the server grants."""

from typing import Final

from adapters.postgres.inspection import ConnectionCount
from entrypoints.doctor.report import ProbeResult, Verdict
from entrypoints.plurals import count_of

APIS_OWN: Final = 1
"""An api's connection beside its pool, while jobs are watched: LISTEN."""

WORKERS_OWN: Final = 2
"""A worker's connections beside its pool: heartbeats and LISTEN."""


def connections_result(count: ConnectionCount, pool_size: int) -> ProbeResult:
    """Return whether the connected fleet, or one api and one worker, gets all connections that it may open.

    Args:
        count: What the server says.
        pool_size: `MOMENT_DATABASE_CONNECTIONS`.
    """
    apis, workers = max(count.apis, 1), max(count.workers, 1)
    of_api, of_worker = pool_size + APIS_OWN, pool_size + WORKERS_OWN
    needed = apis * of_api + workers * of_worker
    free = count.granted - count.others
    seen = (
        f"{count.granted} granted, {count.others} held by others; an api takes up to {of_api}, a worker up to "
        f"{of_worker}: {needed} for {count_of(apis, 'api')} and {count_of(workers, 'worker')}"
    )
    if needed <= free:
        return ProbeResult(seen)
    fitting = (free - APIS_OWN * apis - WORKERS_OWN * workers) // (apis + workers)
    smaller = f"set MOMENT_DATABASE_CONNECTIONS={fitting}" if fitting >= 1 else "run fewer processes"
    return ProbeResult(seen, Verdict.WARN, f"{smaller}, raise max_connections, or put a pooler in between")
