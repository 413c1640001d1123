-- Of one client, by the index jobs_client; to the limit and no further.
SELECT count(*)
FROM (
    SELECT
    FROM moment.jobs
    WHERE client = $2
        AND client <> ''
        AND finished_at IS NULL
        AND (lease_expires_at IS NULL OR lease_expires_at <= now())
    LIMIT $1
) AS waiting
