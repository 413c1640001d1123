UPDATE jobs
SET cancel_requested = true, updated_at = now()
WHERE id = $1 AND finished_at IS NULL AND NOT cancel_requested
