-- From the index, newest first, and no more than $9 of its rows: whoever looks for what is rare gets short pages. The last
-- row that was looked at comes along, even if none fits: the next page begins after it.
WITH looked_at AS MATERIALIZED (
    SELECT id, status, output_kind, style, client_reference, progress, reason, created_at, updated_at, finished_at
    FROM moment.jobs
    WHERE owner = $1
        AND owner <> ''
        AND (created_at, id) < ($2::timestamptz, $3::uuid)
        AND created_at >= $4::timestamptz
        AND NOT expiring
    ORDER BY created_at DESC, id DESC
    LIMIT $9
), fitting AS (
    SELECT *
    FROM looked_at
    WHERE ($5::text IS NULL OR status = $5)
        AND ($6::text IS NULL OR style = $6)
        AND ($7::text IS NULL OR client_reference = $7)
    ORDER BY created_at DESC, id DESC
    LIMIT $8
)
SELECT fitting.*, last.id AS last_id, last.created_at AS last_at, (SELECT count(*) FROM looked_at) AS looked_at
FROM (SELECT id, created_at FROM looked_at ORDER BY created_at, id LIMIT 1) AS last
LEFT JOIN fitting ON true
ORDER BY fitting.created_at DESC, fitting.id DESC
