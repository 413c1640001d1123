-- One notification for all of them, so that other workers claim them at once. For the missing finished_at IS NULL, see
-- save_jobs.sql.
WITH released AS (
    UPDATE moment.jobs
    SET attempt = attempt - 1, lease_expires_at = NULL, worker = NULL, updated_at = now()
    FROM unnest($1::uuid[], $2::bigint[]) AS released_lease (id, token)
    WHERE jobs.id = released_lease.id
        AND jobs.lease_token = released_lease.token
        AND jobs.lease_expires_at IS NOT NULL
    RETURNING jobs.id
)
SELECT pg_notify('moment_work', '') WHERE EXISTS (SELECT FROM released)
