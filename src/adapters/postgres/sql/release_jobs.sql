UPDATE jobs
SET attempt = attempt - 1, lease_expires_at = NULL, worker = NULL, updated_at = now()
FROM unnest($1::uuid[], $2::bigint[]) AS released (id, token)
WHERE jobs.id = released.id
    AND jobs.lease_token = released.token
    AND jobs.lease_expires_at IS NOT NULL
    AND jobs.finished_at IS NULL
