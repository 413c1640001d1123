UPDATE jobs
SET
    lease_expires_at = now() + $4::interval,
    progress = coalesce(beat.progress, jobs.progress)
FROM unnest($1::uuid[], $2::bigint[], $3::real[]) AS beat (id, token, progress)
WHERE jobs.id = beat.id
    AND jobs.lease_token = beat.token
    AND jobs.lease_expires_at IS NOT NULL
    AND jobs.finished_at IS NULL
RETURNING jobs.id, jobs.cancel_requested
