-- One hint for all of them, so that other workers take them at once. Not asking for finished_at IS NULL has the reason
-- that save_jobs.sql gives.
WITH released AS (
    UPDATE jobs
    SET attempt = attempt - 1, lease_expires_at = NULL, worker = NULL, updated_at = now()
    FROM unnest($1::uuid[], $2::bigint[]) AS given_back (id, token)
    WHERE jobs.id = given_back.id
        AND jobs.lease_token = given_back.token
        AND jobs.lease_expires_at IS NOT NULL
    RETURNING jobs.id
)
SELECT pg_notify('moment_work', '') WHERE EXISTS (SELECT FROM released)
