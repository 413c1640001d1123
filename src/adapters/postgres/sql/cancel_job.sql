UPDATE moment.jobs
SET
    document = $2,
    status = $3,
    version = $4,
    cancel_requested = true,
    lease_expires_at = NULL,
    worker = NULL,
    finished_at = now(),
    updated_at = now()
WHERE id = $1 AND finished_at IS NULL
