-- What claims would take, up to a limit, in two orders: by turn (rows with `by_turn`, the jobs that were not begun), and
-- by age, from priority to priority as in 0007_failures, so that retries which are due later are skipped by the index;
-- the priorities themselves are found by one step of it each. Jobs that were not begun are in both; `claims` counts them.
WITH RECURSIVE levels AS (
    (SELECT priority FROM moment.jobs WHERE finished_at IS NULL ORDER BY priority DESC LIMIT 1)
    UNION ALL
    SELECT (
        SELECT lower.priority
        FROM moment.jobs AS lower
        WHERE lower.finished_at IS NULL AND lower.priority < levels.priority
        ORDER BY lower.priority DESC
        LIMIT 1
    )
    FROM levels
    WHERE levels.priority IS NOT NULL
), by_age AS (
    SELECT due.id, due.output_kind, levels.priority
    FROM levels
    CROSS JOIN LATERAL (
        SELECT id, output_kind, run_at
        FROM moment.jobs
        WHERE finished_at IS NULL
            AND priority = levels.priority
            AND run_at <= now()
            AND coalesce(lease_expires_at, now()) <= now()
        ORDER BY run_at, id
        LIMIT $1
    ) AS due
    ORDER BY levels.priority DESC, due.run_at, due.id
    LIMIT $1
), by_turn AS (
    SELECT id, output_kind, priority
    FROM moment.jobs
    WHERE finished_at IS NULL
        AND priority = 0
        AND turn < 'infinity'
        AND run_at <= now()
        AND coalesce(lease_expires_at, now()) <= now()
    ORDER BY urgent DESC, output_kind, turn, run_at, id
    LIMIT $1
)
SELECT id, output_kind, priority, false AS by_turn, (SELECT last_value FROM moment.claims) AS claims FROM by_age
UNION ALL
SELECT id, output_kind, priority, true, NULL FROM by_turn
