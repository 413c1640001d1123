-- A job that nobody runs waits for what keeps all workers from making its kind; a worker that is silent for 30 s is gone.
SELECT
    id,
    document,
    progress,
    CASE
        WHEN finished_at IS NOT NULL OR coalesce(lease_expires_at > now(), false) THEN ''
        WHEN EXISTS (SELECT FROM moment.pauses WHERE pauses.output_kind = jobs.output_kind) THEN 'jobs_paused'
        ELSE (
            SELECT CASE
                WHEN count(*) = 0 THEN 'worker_missing'
                WHEN bool_and(workers.waiting_for ? jobs.output_kind) THEN max(workers.waiting_for ->> jobs.output_kind)
                ELSE jobs.reason
            END
            FROM moment.workers
            WHERE seen_at > now() - interval '30 seconds'
        )
    END AS waiting_for
FROM moment.jobs
WHERE id = ANY ($1::uuid[])
