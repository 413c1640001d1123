-- Counts to the limit and no further.
SELECT count(*)
FROM (
    SELECT
    FROM moment.jobs
    WHERE finished_at IS NULL AND (lease_expires_at IS NULL OR lease_expires_at <= now())
    LIMIT $1
) AS waiting
