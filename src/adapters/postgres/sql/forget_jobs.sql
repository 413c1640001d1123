DELETE FROM moment.jobs
WHERE id = ANY ($1::uuid[]) AND expiring AND finished_at < now() - $2::interval
RETURNING id
