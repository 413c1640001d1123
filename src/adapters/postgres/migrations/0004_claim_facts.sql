-- A claim tells more: which job it is, even if its document cannot be read, and whether it is only to be ended.
DROP FUNCTION claim_jobs;

-- The reasons of its form are those of 0003_claim.
CREATE FUNCTION claim_jobs(worker text, lease interval, slots integer)
RETURNS TABLE (
    id uuid, document json, lease_token bigint, attempt integer, max_attempts integer, cancel_requested boolean
)
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
        RETURNING id, document, lease_token, attempt, max_attempts, cancel_requested, priority, run_at
    )
    SELECT
        claimed.id,
        claimed.document,
        claimed.lease_token,
        claimed.attempt,
        claimed.max_attempts,
        claimed.cancel_requested
    FROM claimed
    ORDER BY priority DESC, run_at, id;
END
$function$;

COMMENT ON FUNCTION claim_jobs IS 'Leases due jobs to a worker, at most as many as it has slots free.';

ALTER TABLE jobs ADD COLUMN expiring boolean NOT NULL DEFAULT false;

COMMENT ON COLUMN jobs.expiring IS 'Its objects are being removed, the row follows: it cannot be retried any more.';
