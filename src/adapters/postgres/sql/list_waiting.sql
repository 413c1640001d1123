-- What claims would take, in their order, up to a limit. From priority to priority as in 0007_failures, so that retries
-- which are due later are skipped by the index; the priorities themselves are found by one step of it each.
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
)
SELECT due.id, due.output_kind
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
