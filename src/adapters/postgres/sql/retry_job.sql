-- A job that was cancelled meanwhile is due at once, and the workers are notified, so that one of them ends it. The higher
-- priority puts a due retry before jobs that were never begun, because its deadline is running.
WITH retried AS (
    UPDATE moment.jobs
    SET
        run_at = CASE WHEN cancel_requested THEN now() ELSE now() + $3::interval END,
        priority = least(priority + 1, 32767),
        lease_expires_at = NULL,
        worker = NULL,
        updated_at = now()
    WHERE id = $1 AND lease_token = $2 AND lease_expires_at IS NOT NULL AND finished_at IS NULL
    RETURNING cancel_requested
)
SELECT true, CASE WHEN cancel_requested THEN pg_notify('moment_work', '') END FROM retried
