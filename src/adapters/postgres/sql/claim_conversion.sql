-- The time of the next claim is the end of the lease: a worker that is lost is succeeded by the next one that asks. A
-- claim counts as an error until it is given back, so that what kills workers comes to an end.
WITH due AS MATERIALIZED (
    SELECT job_id, output_format
    FROM moment.conversions
    WHERE failed_at IS NULL AND run_at <= now()
    ORDER BY turn
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
UPDATE moment.conversions AS held
SET attempt = attempt + 1, errors = errors + 1, run_at = now() + $1::interval
FROM due
WHERE held.job_id = due.job_id AND held.output_format = due.output_format
RETURNING held.job_id, held.output_format, held.attempt, held.errors
