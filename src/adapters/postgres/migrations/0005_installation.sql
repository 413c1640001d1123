-- The function of 0004_claim_facts, with the schema before its table. Replaced, not dropped: workers are calling it.
CREATE OR REPLACE FUNCTION moment.claim_jobs(worker text, lease interval, slots integer)
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
        FROM moment.jobs
        WHERE finished_at IS NULL
            AND run_at <= now()
            AND (lease_expires_at IS NULL OR lease_expires_at <= now())
        ORDER BY priority DESC, run_at, id
        LIMIT $3
        FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE moment.jobs
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

-- The id of this database, so that whatever belongs to it can be marked: a bucket, for example. A database that has this
-- table stays in the schema that it uses, whatever else is created in it later.
CREATE TABLE moment.installation (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX installation_single ON moment.installation ((true));

INSERT INTO moment.installation DEFAULT VALUES;

COMMENT ON TABLE moment.installation IS 'One row, never changed.';
