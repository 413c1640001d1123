-- One that failed a while ago begins anew. Returned is why one failed that does not.
-- A client's next turn is some seconds ($4) after its last one, which is what others are served in meanwhile. Those of
-- whom nothing is known have no account, and no limit ($6). What belongs to no job ($5) has the client of that job's id.
WITH known AS (
    SELECT id, client FROM moment.jobs WHERE id = $1 AND NOT expiring
    UNION ALL
    SELECT $5::uuid, $5::text WHERE $1 = $5::uuid
),

owner AS (
    SELECT
        id,
        client,
        (
            SELECT count(*)
            FROM (
                SELECT
                FROM moment.conversions
                WHERE conversions.client = known.client AND failed_at IS NULL AND client <> ''
                LIMIT $6
            ) AS unfinished
        ) < $6 AS has_room
    FROM known
),

asked AS (
    INSERT INTO moment.conversions AS held (job_id, output_format, client, turn)
    SELECT
        id,
        $2::text,
        client,
        greatest(
            now(),
            (
                SELECT max(turn) + $4::interval
                FROM moment.conversions
                WHERE conversions.client = owner.client AND failed_at IS NULL AND client <> ''
            )
        )
    FROM owner
    WHERE has_room
    ON CONFLICT (job_id, output_format) DO UPDATE SET
        errors = 0,
        run_at = now(),
        failed_at = NULL,
        reason = '',
        requested_at = now(),
        turn = excluded.turn
    WHERE held.failed_at < now() - $3::interval
    RETURNING job_id
)
SELECT reason, false AS refused
FROM moment.conversions
WHERE job_id = $1 AND output_format = $2 AND failed_at IS NOT NULL AND NOT EXISTS (SELECT FROM asked)
UNION ALL
SELECT '', true
FROM owner
WHERE NOT has_room AND NOT EXISTS (SELECT FROM moment.conversions WHERE job_id = $1 AND output_format = $2)
