"""Webhooks: whether they are delivered, whether endpoints fail, and which are disabled."""

from datetime import timedelta
from typing import Final

from adapters.postgres.dsn import Dsn
from adapters.postgres.pool import open_pool
from adapters.postgres.webhook_deliveries import PostgresWebhookDeliveries
from application.ports.webhooks import DeliveryCounts, without_query
from entrypoints.doctor.report import ProbeResult, Verdict

LATE: Final = timedelta(minutes=5)
"""Deliveries that have been due for so long are sent by nobody, or their endpoints are slow."""

FAILING: Final = timedelta(minutes=5)
"""Then a delivery has failed three times, and its endpoint is more than restarted."""

SHOWN: Final = 3


async def check_webhooks(dsn: Dsn) -> ProbeResult:
    """Return how deliveries stand.

    Raises:
        DatabaseUnavailable: The server did not answer.
    """
    async with open_pool(dsn, min_size=0, max_size=1) as pool:
        return judge(await PostgresWebhookDeliveries(pool).count())


def judge(counts: DeliveryCounts) -> ProbeResult:
    """Return the result for what the outbox says about itself."""
    seen = f"{counts.pending} waiting" if counts.pending else "none waiting"
    if counts.late > LATE:
        fix = "start `moment worker` with WEBHOOK_SECRET; a slow endpoint gets two at a time"
        return ProbeResult(f"{seen}, for {_minutes(counts.late)}", Verdict.WARN, fix)
    if counts.failing_for > FAILING:
        seen = f"{seen}; {counts.failing} failed and to be tried again, the oldest for {_minutes(counts.failing_for)}"
        return ProbeResult(seen, Verdict.WARN, "mend the endpoints; `moment webhooks list` says what they answer")
    if counts.disabled:
        places = ", ".join(map(without_query, counts.disabled[:SHOWN]))
        more = " …" if len(counts.disabled) > SHOWN else ""
        fix = "`moment webhooks list` says why, `moment webhooks enable ID` sends there again"
        return ProbeResult(f"{seen}; disabled: {places}{more}", Verdict.WARN, fix)
    return ProbeResult(seen)


def _minutes(span: timedelta) -> str:
    return f"{span // timedelta(minutes=1)} min"
