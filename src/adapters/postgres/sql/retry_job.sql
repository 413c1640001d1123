UPDATE jobs
SET run_at = now() + $3::interval, lease_expires_at = NULL, worker = NULL, updated_at = now()
WHERE id = $1 AND lease_token = $2 AND lease_expires_at IS NOT NULL AND finished_at IS NULL
RETURNING true
