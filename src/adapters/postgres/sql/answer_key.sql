UPDATE moment.request_keys SET answer = $3 WHERE key = $1 AND job_id = $2
