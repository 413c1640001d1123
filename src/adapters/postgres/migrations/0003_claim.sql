-- A function, because only a function carries a planner setting with it in one round trip: with statistics from before a
-- backlog grew, the planner takes the few rows that it expects by bitmap and sorts them: all of the backlog, for each
-- claim. Without bitmaps it walks jobs_claim in its order and stops. In PL/pgSQL its plan is kept by the connection.
--
-- MATERIALIZED, or the planner may lock more rows than the LIMIT says. ANY(ARRAY(…)), or a generic plan that guesses the
-- LIMIT as a tenth of the table joins by scanning all of it.
CREATE FUNCTION claim_jobs(worker text, lease interval, slots integer)
RETURNS TABLE (document json, lease_token bigint, attempt integer, max_attempts integer)
LANGUAGE plpgsql
SET enable_bitmapscan = off
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
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
            lease_expires_at = now() + $2,
            worker = $1,
            updated_at = now()
        WHERE id = ANY (ARRAY(SELECT id FROM due))
        RETURNING document, lease_token, attempt, max_attempts, priority, run_at, id
    )
    SELECT claimed.document, claimed.lease_token, claimed.attempt, claimed.max_attempts
    FROM claimed
    ORDER BY priority DESC, run_at, id;
END
$function$;

COMMENT ON FUNCTION claim_jobs IS 'Leases due jobs to a worker, at most as many as it has slots free.';
