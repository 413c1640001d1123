-- No row if the key is taken. A try that is over without an answer may have created the job: the next one has its id.
INSERT INTO moment.request_keys AS held (key, payload, body, job_id, held_until)
VALUES ($1, $2, $3, $4, now() + $5::interval)
ON CONFLICT (key) DO UPDATE SET
    payload = excluded.payload,
    body = excluded.body,
    job_id = CASE WHEN held.created_at < now() - $6::interval THEN excluded.job_id ELSE held.job_id END,
    answer = NULL,
    held_until = excluded.held_until,
    created_at = CASE WHEN held.created_at < now() - $6::interval THEN now() ELSE held.created_at END
WHERE held.created_at < now() - $6::interval
    OR (held.answer IS NULL AND held.held_until <= now() AND held.payload = excluded.payload)
RETURNING job_id
