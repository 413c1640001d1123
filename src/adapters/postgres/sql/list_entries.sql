-- Each half is read by an index of its own and stops at the limit.
(
    SELECT *, now() AS now
    FROM moment.jobs
    WHERE finished_at IS NULL AND ($1::text IS NULL OR status = $1)
    ORDER BY created_at DESC
    LIMIT $2
)
UNION ALL
(
    SELECT *, now() AS now
    FROM moment.jobs
    WHERE finished_at IS NOT NULL AND ($1::text IS NULL OR status = $1)
    ORDER BY finished_at DESC
    LIMIT $2
)
LIMIT $2
