-- A job that was cancelled meanwhile is due at once, and the workers are notified, so that one of them ends it. Priority 1:
-- a job that was begun goes before those that were not; one that could not be read was not begun, and waits by age alone,
-- so that the claim need not pass it in the order of turns.
-- $4, $5 and $7: whether the time, the attempt, and a call that broke the tools count.
-- A row that another session has locked is skipped, for the reason given in save_jobs.sql.
WITH free AS MATERIALIZED (
    SELECT id FROM moment.jobs WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED
), retried AS (
    UPDATE moment.jobs
    SET
        run_at = CASE WHEN cancel_requested THEN now() ELSE now() + $3::interval END,
        priority = CASE WHEN $6 = 'job_unreadable' THEN priority ELSE greatest(priority, 1) END,
        turn = CASE WHEN $6 = 'job_unreadable' THEN 'infinity' ELSE turn END,
        attempt = attempt - (NOT $5)::integer,
        errors = errors + $5::integer,
        breaks = breaks + $7::integer,
        worked = worked + CASE WHEN $4 THEN coalesce(now() - claimed_at, '0') ELSE '0' END,
        reason = $6,
        lease_expires_at = NULL,
        worker = NULL,
        updated_at = now()
    WHERE id = ANY (ARRAY(SELECT id FROM free))
        AND lease_token = $2
        AND lease_expires_at IS NOT NULL
        AND finished_at IS NULL
    RETURNING cancel_requested
)
SELECT true, CASE WHEN cancel_requested THEN pg_notify('moment_work', '') END FROM retried
