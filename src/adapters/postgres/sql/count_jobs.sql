-- Unfinished jobs are read by the index of the claim, those finished within a day by the index of retention.
WITH unfinished AS (
    SELECT
        count(*) FILTER (WHERE NOT leased AND due) AS waiting,
        count(*) FILTER (WHERE NOT leased AND NOT due) AS delayed,
        count(*) FILTER (WHERE leased) AS running,
        count(*) FILTER (WHERE NOT leased AND worker IS NOT NULL) AS lost,
        extract(epoch FROM now() - min(run_at) FILTER (WHERE NOT leased AND due)) AS oldest_waiting
    FROM (
        SELECT run_at, worker, run_at <= now() AS due, coalesce(lease_expires_at > now(), false) AS leased
        FROM moment.jobs
        WHERE finished_at IS NULL
    ) AS seen
), finished AS (
    SELECT
        count(*) FILTER (WHERE status = 'COMPLETED' AND finished_at > now() - interval '1 minute') AS completed_1m,
        count(*) FILTER (WHERE status = 'COMPLETED' AND finished_at > now() - interval '1 hour') AS completed_1h,
        count(*) FILTER (WHERE status = 'COMPLETED') AS completed_1d,
        count(*) FILTER (WHERE status = 'FAILED' AND finished_at > now() - interval '1 minute') AS failed_1m,
        count(*) FILTER (WHERE status = 'FAILED' AND finished_at > now() - interval '1 hour') AS failed_1h,
        count(*) FILTER (WHERE status = 'FAILED') AS failed_1d,
        count(*) FILTER (WHERE status = 'CANCELLED') AS cancelled_1d
    FROM moment.jobs
    WHERE finished_at > now() - interval '1 day'
)
SELECT
    now() AS counted_at,
    waiting, delayed, running, lost, coalesce(oldest_waiting, 0)::float8 AS oldest_waiting,
    completed_1m, completed_1h, completed_1d, failed_1m, failed_1h, failed_1d, cancelled_1d
FROM unfinished, finished
