-- One that failed a while ago begins anew. Returned is why one failed that does not.
WITH asked AS (
    INSERT INTO moment.conversions AS held (job_id, output_format)
    SELECT $1::uuid, $2::text
    WHERE EXISTS (SELECT FROM moment.jobs WHERE id = $1 AND NOT expiring)
    ON CONFLICT (job_id, output_format) DO UPDATE SET
        errors = 0,
        run_at = now(),
        failed_at = NULL,
        reason = '',
        requested_at = now()
    WHERE held.failed_at < now() - $3::interval
    RETURNING job_id
)
SELECT reason
FROM moment.conversions
WHERE job_id = $1 AND output_format = $2 AND failed_at IS NOT NULL AND NOT EXISTS (SELECT FROM asked)
