-- One notification for all of them, so that other workers claim them at once. For the missing finished_at IS NULL, and the
-- rows that another session has locked, see save_jobs.sql.
WITH free AS MATERIALIZED (
    SELECT id FROM moment.jobs WHERE id = ANY ($1::uuid[]) FOR NO KEY UPDATE SKIP LOCKED
), released AS (
    UPDATE moment.jobs
    SET
        attempt = attempt - 1,
        priority = greatest(priority, CASE WHEN status = 'PENDING' THEN 0 ELSE 1 END),
        worked = worked + coalesce(now() - claimed_at, '0'),
        lease_expires_at = NULL,
        worker = NULL,
        updated_at = now()
    FROM unnest($1::uuid[], $2::bigint[]) AS released_lease (id, token)
    WHERE jobs.id = released_lease.id
        AND jobs.id = ANY (ARRAY(SELECT id FROM free))
        AND jobs.lease_token = released_lease.token
        AND jobs.lease_expires_at IS NOT NULL
    RETURNING jobs.id
)
SELECT pg_notify('moment_work', '') WHERE EXISTS (SELECT FROM released)
