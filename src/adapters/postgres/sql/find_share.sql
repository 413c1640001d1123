SELECT token, job_id, key, stored, created_at FROM moment.shares WHERE digest = $1 AND NOT revoked
