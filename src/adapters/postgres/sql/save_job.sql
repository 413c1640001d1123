UPDATE jobs
SET
    document = $3,
    status = $4,
    version = $5,
    progress = CASE WHEN $4 = 'COMPLETED' THEN 1 ELSE progress END,
    finished_at = CASE WHEN $6 THEN now() END,
    lease_expires_at = CASE WHEN NOT $6 THEN lease_expires_at END,
    worker = CASE WHEN NOT $6 THEN worker END,
    updated_at = now()
WHERE id = $1
    AND lease_token = $2
    AND lease_expires_at IS NOT NULL
    AND finished_at IS NULL
    AND version < $5
RETURNING true
