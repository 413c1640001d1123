-- Each half is read by an index of its own and stops at the limit. $7, $8 and $9: the last job of the page before, and
-- whether it had ended; what comes before it is neither shown nor, of those that ended, read again. A state is looked for
-- in the half that it belongs to. What blocks a kind is found out once, not for each row.
WITH blocks AS MATERIALIZED (
    SELECT kind, moment.waits_for(kind, '') AS block FROM unnest('{preview,song}'::text[]) AS kind
)
(
    SELECT *
    FROM (
        SELECT
            jobs.*,
            now() AS now,
            CASE
                WHEN coalesce(lease_expires_at > now(), false) THEN ''
                WHEN block <> '' THEN block
                ELSE reason
            END AS waiting_for
        FROM moment.jobs
        LEFT JOIN blocks ON kind = output_kind
        WHERE finished_at IS NULL
            AND ($1::text IS NULL OR $1 NOT IN ('COMPLETED', 'FAILED', 'CANCELLED'))
    ) AS unfinished
    WHERE ($1::text IS NULL OR status = $1)
        AND ($2::text IS NULL OR waiting_for = $2)
        AND ($3::text IS NULL OR worker = $3)
        AND ($4::timestamptz IS NULL OR created_at >= $4)
        AND (NOT $6 OR coalesce(lease_expires_at > now(), false))
        AND ($7::timestamptz IS NULL OR (NOT $9 AND (created_at, id) < ($7, $8::uuid)))
    ORDER BY created_at DESC, id DESC
    LIMIT $5
)
UNION ALL
(
    SELECT *, now() AS now, '' AS waiting_for
    FROM moment.jobs
    WHERE finished_at IS NOT NULL
        AND ($1::text IS NULL OR $1 IN ('COMPLETED', 'FAILED', 'CANCELLED'))
        AND ($1::text IS NULL OR status = $1)
        AND ($2::text IS NULL OR reason = $2)
        AND ($3::text IS NULL OR worker = $3)
        AND ($4::timestamptz IS NULL OR created_at >= $4)
        AND NOT $6::boolean
        AND finished_at <= CASE WHEN $9::boolean THEN $7::timestamptz ELSE 'infinity' END
        AND (NOT $9 OR (finished_at, id) < ($7, $8::uuid))
    ORDER BY finished_at DESC, id DESC
    LIMIT $5
)
LIMIT $5
