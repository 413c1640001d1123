"""The fleet: whether there are workers, what they wait for, and what an operator has paused."""

from contextlib import suppress
from typing import Final

import anyio
import asyncpg

from adapters.postgres.dsn import Dsn
from adapters.postgres.job_admin import PostgresJobAdmin
from adapters.postgres.pool import open_pool
from application.ports.job_admin import QueueStats
from domain.errors import MomentError
from entrypoints.doctor.report import ProbeResult, Verdict
from entrypoints.plurals import count_of

_FIX: Final[dict[str, str]] = {
    "tools_denied": "set the workers' MCP_AUTH_TOKEN to the token that the tool server was started with",
    "tools_unavailable": "start the tool server, or correct the workers' MCP_BASE_URL",
    "tool_missing": "point MCP_BASE_URL at a server that has the tools; ours (`moment music-tools`) has all",
    "invalid_arguments": "run workers and music-tools of the same version",
    "storage_unavailable": "start the object store, or make room in it",
    "storage_denied": "correct the workers' DO_SPACES_* settings",
    "wrong_bucket": "correct the workers' DO_SPACES_* settings or MOMENT_DATA_DIR, or run `moment storage adopt`",
}
_OTHERWISE: Final = "look up the code in docs/errors.md"


async def check_workers(dsn: Dsn) -> ProbeResult:
    """Return whether the jobs that wait have workers that can run them.

    Raises:
        DatabaseUnavailable: The server did not answer.
    """
    async with open_pool(dsn, min_size=0, max_size=1) as pool:
        return judge(await PostgresJobAdmin(pool).stats())


async def count_workers(dsn: Dsn, seconds: float) -> int:
    """Return how many workers reported within the last 30 s; 0 where the database does not tell in time."""
    with suppress(MomentError, asyncpg.PostgresError, OSError), anyio.move_on_after(seconds):
        async with open_pool(dsn, min_size=0, max_size=1) as pool:
            return len((await PostgresJobAdmin(pool).stats()).workers)
    return 0


def judge(stats: QueueStats) -> ProbeResult:
    """Return the result for what the queue says about itself."""
    unclaimed = stats.waiting + stats.delayed
    waiting = f"{count_of(unclaimed, 'job')} waiting"
    if not stats.workers:
        if not unclaimed:
            return ProbeResult("none runs, and no job waits")
        return ProbeResult(f"{waiting} and no worker", Verdict.FAIL, "start `moment worker`")
    blocked = {(kind, code) for worker in stats.workers for kind, code in worker.waiting_for.items()}
    slots = count_of(sum(worker.slots for worker in stats.workers), "slot")
    seen = f"{len(stats.workers)} running, {slots}, {waiting}"
    if blocked:
        reasons = ", ".join(f"{kind}s wait for {code}" for kind, code in sorted(blocked))
        _, code = min(blocked)
        return ProbeResult(f"{seen}; {reasons}", Verdict.FAIL, _FIX.get(code, _OTHERWISE))
    if stats.paused:
        return ProbeResult(
            f"{seen}; paused: {', '.join(stats.paused)}", Verdict.WARN, "go on with `moment jobs resume`"
        )
    return ProbeResult(seen)
