"""What the queue costs: a claim touches its batch and not the table, a heartbeat touches no index."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from adapters.postgres.queue import CLAIM_JOBS, STEER_CLAIM
from domain.job import JobId
from tests.support.jobs import a_job
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio

BATCH = 10
FINISHED = """
INSERT INTO jobs (id, status, version, output_kind, document, finished_at)
SELECT gen_random_uuid(), 'COMPLETED', 6, 'preview', '{}', now() FROM generate_series(1, 5000);
"""
UNFINISHED = """
INSERT INTO jobs (id, status, version, output_kind, document, run_at)
SELECT gen_random_uuid(), 'PENDING', 0, 'preview', '{}', now() - number * interval '1 second'
FROM generate_series(1, 5000) AS number;
"""


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("statistics", ["fresh", "stale", "none"])
async def test_a_claim_touches_no_more_than_its_batch(pool: asyncpg.Pool, mode: str, statistics: str) -> None:
    async with pool.acquire() as connection:
        if statistics == "stale":
            await connection.execute(FINISHED)
            await connection.execute("VACUUM ANALYZE jobs")
        await connection.execute(FINISHED + UNFINISHED)
        if statistics == "fresh":
            await connection.execute("VACUUM ANALYZE jobs")
        await connection.execute(f"SET plan_cache_mode = {mode}")
        await connection.execute(f"PREPARE claim (text, interval, integer) AS {CLAIM_JOBS}")
        async with connection.transaction():
            await connection.execute(STEER_CLAIM)
            explained = await connection.fetchval(
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE claim ('w', '30 s', {BATCH})"
            )
    (plan,) = msgspec.json.decode(explained)
    scans = [
        node for node in nodes(plan["Plan"]) if node.get("Relation Name") == "jobs" and "Scan" in node["Node Type"]
    ]
    assert {node["Index Name"]: node["Actual Rows"] for node in scans} == {"jobs_claim": BATCH, "jobs_pkey": BATCH}
    assert plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] < 20 * BATCH


async def test_claims_heartbeats_and_progress_stay_on_their_page(postgres_bench: Bench, pool: asyncpg.Pool) -> None:
    await postgres_bench.jobs.add(a_job(JobId(uuid4())))
    (claim,) = await postgres_bench.queue.claim("w", 1)
    for beat in range(10):
        await postgres_bench.queue.heartbeat([claim.lease], {claim.job.id: beat / 10})
    async with pool.acquire() as connection:
        await connection.execute("SELECT pg_stat_force_next_flush()")
        updates = await connection.fetchrow(
            "SELECT n_tup_upd AS written, n_tup_hot_upd AS hot FROM pg_stat_user_tables WHERE relname = 'jobs'"
        )
    assert updates["written"] == updates["hot"] == 11
