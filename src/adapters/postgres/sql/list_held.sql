-- Jobs that workers hold, or held when their lease expired. No index finds them: it would have to change with each claim.
SELECT *
FROM (
    SELECT
        jobs.*,
        now() AS now,
        CASE
            WHEN coalesce(lease_expires_at > now(), false) THEN ''
            ELSE moment.waits_for(output_kind, reason)
        END AS waiting_for
    FROM moment.jobs
    WHERE worker IS NOT NULL
        AND finished_at IS NULL
        AND ($1::text IS NULL OR status = $1)
        AND created_at >= $3::timestamptz
        AND ($4::text IS NULL OR worker = $4)
        AND (NOT $5::boolean OR coalesce(lease_expires_at > now(), false))
        AND (created_at, id) < ($6::timestamptz, $7::uuid)
) AS held
WHERE $2::text IS NULL OR waiting_for = $2
ORDER BY created_at DESC, id DESC
LIMIT $8
