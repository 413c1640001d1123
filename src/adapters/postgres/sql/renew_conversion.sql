UPDATE moment.conversions
SET run_at = now() + $4::interval
WHERE job_id = $1 AND output_format = $2 AND attempt = $3 AND failed_at IS NULL
    AND ($1 = $5::uuid OR EXISTS (SELECT FROM moment.jobs WHERE id = $1 AND NOT expiring))
RETURNING job_id
