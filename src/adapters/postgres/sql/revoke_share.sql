UPDATE moment.shares SET revoked = true WHERE job_id = $1 AND NOT revoked
RETURNING token, job_id, key, stored, created_at
