SELECT payload, body, job_id, answer FROM moment.request_keys WHERE key = $1 AND created_at >= now() - $2::interval
