"""What the queue costs: a claim touches its batch and not the table, a heartbeat touches no index."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import anyio
import asyncpg
import msgspec
import pytest

from adapters.postgres.backlog import LIST_WAITING, READ_PACES, WALK_CLAIM_INDEX
from adapters.postgres.documents import DOCUMENT_FORMAT
from adapters.postgres.job_admin import LAST_ID, LIST_ENTRIES
from adapters.postgres.job_lists import FIRST, LIST_OWNED_JOBS
from adapters.postgres.queue import BEAT_LEASES, CLAIM_JOBS, SAVE_JOBS
from adapters.postgres.queue_counts import COUNT_JOBS, COUNT_STATES
from adapters.postgres.retention_store import EXPIRE_JOBS
from application.times import EARLIEST, LATEST
from domain.jobs.attempts import ALONE_AFTER
from domain.jobs.job import JobId
from tests.support.database import ON_EVERY_SERVER
from tests.support.jobs import JOB_ID, a_job, room_for
from tests.support.queue_bench import Bench

pytestmark = [pytest.mark.anyio, ON_EVERY_SERVER]

BATCH = 10
COMPLETED: tuple[object, ...] = ("COMPLETED", None, EARLIEST, BATCH)
FINISHED = """
INSERT INTO moment.jobs (id, status, version, output_kind, document, finished_at)
SELECT gen_random_uuid(), 'COMPLETED', 6, 'preview', '{}', now() - number * interval '1 minute'
FROM generate_series(1, 50000) AS number;
"""
KEPT = """
UPDATE moment.jobs SET kept = CASE WHEN random() < 0.1 THEN interval '1 hour' ELSE interval '30 days' END
"""
UNFINISHED = """
INSERT INTO moment.jobs (id, status, version, output_kind, document, run_at, client, urgent, turn)
SELECT
    gen_random_uuid(), 'PENDING', 0, CASE WHEN number % 3 > 0 THEN 'preview' ELSE 'song' END, '{}',
    now() - number * interval '1 second', 'client ' || number % 3, number % 1000 = 0, number * 0.1
FROM generate_series(1, 50000) AS number;
"""

LEASE = """
UPDATE moment.jobs SET lease_token = 1, lease_expires_at = now()
WHERE id IN (SELECT id FROM moment.jobs WHERE finished_at IS NULL LIMIT $1)
RETURNING id
"""
EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "
CLAIM = f"{EXPLAIN}{CLAIM_JOBS}"
BACKOFF = """
UPDATE moment.jobs SET priority = 1, run_at = now() + interval '1 hour' + random() * interval '1 hour'
WHERE id IN (SELECT id FROM moment.jobs WHERE finished_at IS NULL LIMIT 25000)
"""
WITHOUT_REMARKS = re.compile("--.*")


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


@pytest.mark.parametrize("statistics", ["fresh", "stale", "none"])
async def test_a_claim_touches_no_more_than_its_batch(pool: asyncpg.Pool, statistics: str) -> None:
    async with pool.acquire() as connection:
        if statistics == "stale":
            await connection.execute(FINISHED)
            await connection.execute("VACUUM ANALYZE moment.jobs")
        await connection.execute(FINISHED + UNFINISHED)
        for half_in_backoff in (False, True):
            if half_in_backoff:
                await connection.execute(BACKOFF)
                await connection.execute("VACUUM moment.jobs")
            if statistics == "fresh":
                await connection.execute("VACUUM ANALYZE moment.jobs")
            for mode in ("force_custom_plan", "force_generic_plan"):
                assert await blocks_of_claim(connection, mode) < 30 * BATCH


async def blocks_of_claim(connection: asyncpg.Connection, mode: str) -> int:
    """Return how many blocks a claim touches, with everything that its function does; take the claim back."""
    attempt = connection.transaction()
    await attempt.start()
    await connection.execute(f"SET LOCAL plan_cache_mode = {mode}")
    kinds, age = ["preview", "song"], timedelta(days=1)
    arguments = "w", timedelta(seconds=30), BATCH, kinds, DOCUMENT_FORMAT, age, True, ALONE_AFTER
    await connection.fetch(CLAIM, *arguments)  # reads the catalog
    explained = await connection.fetchval(CLAIM, *arguments)
    await attempt.rollback()
    plan = msgspec.json.decode(explained)[0]["Plan"]
    assert plan["Actual Rows"] == BATCH
    blocks: int = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return blocks


TAKE_TURNS = "SELECT * FROM moment.take_turns($1, $2, $3, $4)"


@pytest.mark.parametrize("statistics", ["fresh", "stale", "none"])
async def test_a_turn_is_found_at_the_head_of_its_line_and_with_its_client(pool: asyncpg.Pool, statistics: str) -> None:
    batch = [f"client {number}" for number in range(BATCH)], [False] * BATCH, ["song"] * BATCH, [20] * BATCH
    async with pool.acquire() as connection:
        if statistics == "stale":
            await connection.execute("VACUUM ANALYZE moment.jobs")
        await connection.execute(FINISHED + UNFINISHED)
        if statistics == "fresh":
            await connection.execute("VACUUM ANALYZE moment.jobs")
        for mode in ("force_custom_plan", "force_generic_plan"):
            await connection.execute(f"SET plan_cache_mode = {mode}")
            turns = await connection.fetch(TAKE_TURNS, *batch)
            explained = await connection.fetchval(EXPLAIN + TAKE_TURNS, *batch)
            (plan,) = msgspec.json.decode(explained)
            assert [row["turn"] is None for row in turns] == [True] * 3 + [False] * 7  # three have 20 waiting, and more
            assert plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] < 3 * 20 + 30 * BATCH


@pytest.mark.parametrize("statistics", ["fresh", "stale", "none"])
async def test_the_line_is_read_to_its_limit_and_no_further(pool: asyncpg.Pool, statistics: str) -> None:
    async with pool.acquire() as connection:
        if statistics == "stale":
            await connection.execute(FINISHED)
            await connection.execute("VACUUM ANALYZE moment.jobs")
        await connection.execute(FINISHED + UNFINISHED)
        await connection.execute(BACKOFF)
        await connection.execute("VACUUM ANALYZE moment.jobs" if statistics == "fresh" else "VACUUM moment.jobs")
        for mode in ("force_custom_plan", "force_generic_plan"):
            async with connection.transaction():
                await connection.execute(WALK_CLAIM_INDEX)
                await connection.execute(f"SET LOCAL plan_cache_mode = {mode}")
                await connection.fetch(LIST_WAITING, BATCH)  # reads the catalog
                explained = await connection.fetchval(EXPLAIN + WITHOUT_REMARKS.sub("", LIST_WAITING), BATCH)
            (plan,) = msgspec.json.decode(explained)
            assert plan["Plan"]["Actual Rows"] == 2 * BATCH  # by age and by turn
            assert plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] < 20 * BATCH


async def test_the_pace_looks_at_the_last_jobs_alone(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await connection.execute(FINISHED)
        await connection.execute("VACUUM ANALYZE moment.jobs")
        explained = await connection.fetchval(EXPLAIN + WITHOUT_REMARKS.sub("", READ_PACES), ["preview", "song"])
    (plan,) = msgspec.json.decode(explained)
    scans = [node for node in nodes(plan["Plan"]) if node.get("Relation Name") == "jobs"]
    assert [(node.get("Index Name"), node["Actual Rows"] <= 200) for node in scans] == [("jobs_finished", True)]


WRITES: list[tuple[str, list[object], list[int]]] = [
    (BEAT_LEASES, [1, 0.5], []),
    (SAVE_JOBS, [1, "{}", "ANALYZING", 1, False, False, ""], [DOCUMENT_FORMAT]),
]
"""Statements, what is written in each row, and what stands after the time of a lease."""


async def test_a_write_finds_its_rows_by_their_key_whatever_waits(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await connection.execute(FINISHED + UNFINISHED + "ANALYZE moment.jobs;")
        for statement, columns, format_number in WRITES:
            leased = await connection.fetch(LEASE, BATCH)
            arrays = [[value] * BATCH for value in columns]
            explained = await connection.fetchval(
                f"EXPLAIN (ANALYZE, FORMAT JSON) {WITHOUT_REMARKS.sub('', statement)}",
                [row["id"] for row in leased],
                *arrays,
                timedelta(seconds=30),
                *format_number,
            )
            (plan,) = msgspec.json.decode(explained)
            scans = [node for node in nodes(plan["Plan"]) if "Index Name" in node or node["Node Type"] == "Seq Scan"]
            assert {node.get("Index Name") for node in scans} == {"jobs_pkey"}
            # An update that found no room on its page leaves an entry more in the index.
            assert all(BATCH <= node["Actual Rows"] * node["Actual Loops"] < 2 * BATCH for node in scans)


async def test_a_heartbeat_does_not_wait_for_a_row_that_somebody_holds(
    postgres_bench: Bench, pool: asyncpg.Pool
) -> None:
    for _ in range(2):
        await postgres_bench.jobs.add(a_job(JobId(uuid4())))
    claims = await postgres_bench.queue.claim(room_for("w", 2))
    held, free = (claim.job.id for claim in claims)
    before = await expiries(pool)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM moment.jobs WHERE id = $1 FOR UPDATE", held)
        pulses = await postgres_bench.queue.heartbeat([claim.lease for claim in claims], {})
    after = await expiries(pool)
    assert {pulse.job_id for pulse in pulses} == {held, free}
    assert after[held] == before[held]
    assert after[free] > before[free]


async def expiries(pool: asyncpg.Pool) -> dict[JobId, Any]:
    return dict(await pool.fetch("SELECT id, lease_expires_at FROM moment.jobs"))


async def test_claims_heartbeats_and_progress_stay_on_their_page(postgres_bench: Bench, pool: asyncpg.Pool) -> None:
    await postgres_bench.jobs.add(a_job(JobId(uuid4())))
    (claim,) = await postgres_bench.queue.claim(room_for("w", 1))
    for beat in range(10):
        await postgres_bench.queue.heartbeat([claim.lease], {claim.job.id: beat / 10})
    with anyio.fail_after(30):  # a connection that is idle tells what it counted after ten seconds
        while (updates := await count_updates(pool))["written"] < 11:
            await anyio.sleep(0.2)
    assert updates["written"] == updates["hot"] == 11


OWNED = """
INSERT INTO moment.jobs (id, status, version, output_kind, document, owner, created_at, finished_at)
SELECT
    gen_random_uuid(), 'COMPLETED', 6, 'preview', '{}', CASE WHEN number % 2 = 0 THEN 'acme' ELSE 'other' END,
    now() - number * interval '1 second', now()
FROM generate_series(1, 20000) AS number;
"""


@pytest.mark.parametrize("statistics", ["fresh", "none"])
async def test_a_page_of_an_owners_jobs_is_read_to_its_end_and_no_further(pool: asyncpg.Pool, statistics: str) -> None:
    async with pool.acquire() as connection:
        await connection.execute(FINISHED + OWNED)
        await connection.execute("VACUUM ANALYZE moment.jobs" if statistics == "fresh" else "VACUUM moment.jobs")
        for mode in ("force_custom_plan", "force_generic_plan"):
            async with connection.transaction():
                await connection.execute(f"SET LOCAL plan_cache_mode = {mode}")
                arguments = ("acme", LATEST, FIRST, EARLIEST, None, None, None, BATCH + 1, BATCH + 1)
                await connection.fetch(LIST_OWNED_JOBS, *arguments)  # reads the catalog
                explained = await connection.fetchval(EXPLAIN + WITHOUT_REMARKS.sub("", LIST_OWNED_JOBS), *arguments)
            (plan,) = msgspec.json.decode(explained)
            scans = [node for node in nodes(plan["Plan"]) if node.get("Relation Name") == "jobs"]
            assert [node.get("Index Name") for node in scans] == ["jobs_owned"]
            assert plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] < 5 * BATCH


async def test_a_service_without_keys_pays_nothing_for_lists(pool: asyncpg.Pool) -> None:
    await pool.execute(FINISHED)
    assert await pool.fetchval("SELECT pg_relation_size('moment.jobs_owned')") <= 8192
    assert await pool.fetchval("SELECT count(*) FROM moment.usage") == 0


async def count_updates(pool: asyncpg.Pool) -> asyncpg.Record:
    async with pool.acquire() as connection:
        await connection.execute("SELECT pg_stat_force_next_flush()")
        return await connection.fetchrow(
            "SELECT n_tup_upd AS written, n_tup_hot_upd AS hot FROM pg_stat_user_tables WHERE relname = 'jobs'"
        )


async def test_moments_that_are_kept_for_less_time_are_found_by_their_index(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await connection.execute(FINISHED)
        await connection.execute(KEPT)
        await connection.execute("VACUUM ANALYZE moment.jobs")
        arguments: tuple[object, ...] = (timedelta(days=365), BATCH, [])
        explained = await connection.fetchval(EXPLAIN + WITHOUT_REMARKS.sub("", EXPIRE_JOBS), *arguments)
    (plan,) = msgspec.json.decode(explained)
    scans = {node.get("Index Name"): node["Actual Rows"] for node in nodes(plan["Plan"]) if "Scan" in node["Node Type"]}
    assert scans["jobs_kept"] == BATCH
    assert "Seq Scan" not in {node["Node Type"] for node in nodes(plan["Plan"])}
    assert plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] < 30 * BATCH


UPKEEP: list[tuple[str, tuple[object, ...]]] = [
    (COUNT_JOBS, ()),
    (COUNT_STATES, ()),
    (LIST_ENTRIES, (*COMPLETED, LATEST, LAST_ID, False, BATCH)),
    (LIST_ENTRIES, (*COMPLETED, datetime.now(UTC) - timedelta(days=7), JOB_ID, True, BATCH)),
    (EXPIRE_JOBS, (timedelta(days=30), BATCH, [])),
]


async def test_upkeep_reads_finished_jobs_by_their_index(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await connection.execute(FINISHED)
        await connection.execute("VACUUM ANALYZE moment.jobs")
        for statement, arguments in UPKEEP:
            explained = await connection.fetchval(
                f"EXPLAIN (ANALYZE, FORMAT JSON) {WITHOUT_REMARKS.sub('', statement)}", *arguments
            )
            (plan,) = msgspec.json.decode(explained)
            indices = {node.get("Index Name") for node in nodes(plan["Plan"])}
            touched = sum(node["Actual Rows"] for node in nodes(plan["Plan"]) if "Scan" in node["Node Type"])
            assert "jobs_finished" in indices, statement
            assert touched <= 2 * 24 * 60, statement  # the counts look at what ended within a day
