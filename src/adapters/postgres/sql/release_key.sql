UPDATE moment.request_keys SET held_until = now() WHERE key = $1 AND job_id = $2 AND answer IS NULL
