-- MATERIALIZED, or the planner may lock more rows than the LIMIT says. ANY(ARRAY(…)), or a generic plan that guesses the
-- LIMIT as a tenth of the table joins by scanning all of it.
WITH due AS MATERIALIZED (
    SELECT id
    FROM jobs
    WHERE finished_at IS NULL
        AND run_at <= now()
        AND (lease_expires_at IS NULL OR lease_expires_at <= now())
    ORDER BY priority DESC, run_at, id
    LIMIT $3
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE jobs
    SET
        attempt = attempt + 1,
        lease_token = lease_token + 1,
        lease_expires_at = now() + $2::interval,
        worker = $1,
        updated_at = now()
    WHERE id = ANY (ARRAY(SELECT id FROM due))
    RETURNING document, lease_token, attempt, max_attempts, priority, run_at, id
)
SELECT document, lease_token, attempt, max_attempts
FROM claimed
ORDER BY priority DESC, run_at, id
