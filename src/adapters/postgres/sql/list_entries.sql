-- Newest first, those that have not ended before the others. Each half is read by an index of its own, and no more than
-- $8 of its rows: whoever looks for what is rare gets short pages. The last row that was looked at comes along, even if
-- none fits: the next page begins after it. A state is looked for in the half that it belongs to. What blocks a kind is
-- found out once, not for each row.
WITH blocks AS MATERIALIZED (
    SELECT kind, moment.waits_for(kind, '') AS block FROM unnest('{preview,song}'::text[]) AS kind
), unfinished AS MATERIALIZED (
    SELECT id, created_at AS at, false AS ended, status, created_at, reason, output_kind, lease_expires_at
    FROM moment.jobs
    WHERE finished_at IS NULL
        AND created_at > '-infinity' -- of the index
        AND ($1::text IS NULL OR $1 NOT IN ('COMPLETED', 'FAILED', 'CANCELLED'))
        AND NOT $7::boolean
        AND (created_at, id) < ($5::timestamptz, $6::uuid)
        AND created_at >= $3::timestamptz
    ORDER BY created_at DESC, id DESC
    LIMIT $8
), finished AS MATERIALIZED (
    SELECT id, finished_at AS at, true AS ended, status, created_at, reason
    FROM moment.jobs
    WHERE finished_at IS NOT NULL
        AND ($1::text IS NULL OR $1 IN ('COMPLETED', 'FAILED', 'CANCELLED'))
        AND (SELECT count(*) FROM unfinished) < $8
        AND finished_at <= CASE WHEN $7 THEN $5 ELSE 'infinity' END
        AND (NOT $7 OR (finished_at, id) < ($5, $6))
    ORDER BY finished_at DESC, id DESC
    LIMIT $8
), looked_at AS (
    SELECT
        id,
        at,
        ended,
        status,
        created_at,
        CASE WHEN coalesce(lease_expires_at > now(), false) THEN '' WHEN block <> '' THEN block ELSE reason END AS code
    FROM unfinished
    LEFT JOIN blocks ON kind = output_kind
    UNION ALL
    SELECT id, at, ended, status, created_at, reason FROM finished
), fitting AS (
    SELECT id, at, ended, code
    FROM looked_at
    WHERE ($1::text IS NULL OR status = $1)
        AND ($2::text IS NULL OR code = $2)
        AND created_at >= $3
    ORDER BY ended, at DESC, id DESC
    LIMIT $4
)
SELECT
    jobs.*,
    now() AS now,
    CASE WHEN fitting.ended THEN '' ELSE fitting.code END AS waiting_for,
    last.id AS last_id,
    last.at AS last_at,
    last.ended AS last_ended,
    $8 IN ((SELECT count(*) FROM unfinished), (SELECT count(*) FROM finished)) AS more
FROM (SELECT id, at, ended FROM looked_at ORDER BY ended DESC, at, id LIMIT 1) AS last
LEFT JOIN fitting ON true
LEFT JOIN moment.jobs ON jobs.id = fitting.id
ORDER BY fitting.ended, fitting.at DESC, fitting.id DESC
