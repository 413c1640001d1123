-- Each half is read by an index of its own and stops at the limit.
(
    SELECT *
    FROM (
        SELECT
            *,
            now() AS now,
            CASE
                WHEN coalesce(lease_expires_at > now(), false) THEN ''
                ELSE moment.waits_for(output_kind, reason)
            END AS waiting_for
        FROM moment.jobs
        WHERE finished_at IS NULL
    ) AS unfinished
    WHERE ($1::text IS NULL OR status = $1)
        AND ($2::text IS NULL OR waiting_for = $2)
        AND ($3::text IS NULL OR worker = $3)
        AND ($4::timestamptz IS NULL OR created_at >= $4)
    ORDER BY created_at DESC
    LIMIT $5
)
UNION ALL
(
    SELECT *, now() AS now, '' AS waiting_for
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
