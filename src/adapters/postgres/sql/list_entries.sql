-- Each half is read by an index of its own and stops at the limit.
(
    SELECT *, now() AS now
    FROM moment.jobs
    WHERE finished_at IS NULL
        AND ($1::text IS NULL OR status = $1)
        AND ($2::text IS NULL OR reason = $2)
        AND ($3::text IS NULL OR worker = $3)
        AND ($4::timestamptz IS NULL OR created_at >= $4)
    ORDER BY created_at DESC
    LIMIT $5
)
UNION ALL
(
    SELECT *, now() AS now
    FROM moment.jobs
    WHERE finished_at IS NOT NULL
        AND ($1::text IS NULL OR status = $1)
        AND ($2::text IS NULL OR reason = $2)
        AND ($3::text IS NULL OR worker = $3)
        AND ($4::timestamptz IS NULL OR created_at >= $4)
    ORDER BY finished_at DESC
    LIMIT $5
)
LIMIT $5
