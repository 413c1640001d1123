-- The age once more: a failed job that was retried meanwhile stays.
DELETE FROM jobs
WHERE id = ANY ($1::uuid[]) AND finished_at < now() - $2::interval
RETURNING id
