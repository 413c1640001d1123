DELETE FROM moment.request_keys WHERE key = $1 AND job_id = $2 AND answer IS NULL
