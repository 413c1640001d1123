DELETE FROM moment.jobs
WHERE id = ANY ($1::uuid[]) AND expiring
    AND (finished_at < now() - $2::interval OR (finished_at AT TIME ZONE 'UTC') + kept < now() AT TIME ZONE 'UTC')
RETURNING id
