-- Those of jobs that are gone ($3 stands for none), and those that failed or were asked for so long ago that nobody waits for them any more.
DELETE FROM moment.conversions
WHERE (job_id, output_format) IN (
    SELECT job_id, output_format
    FROM moment.conversions AS old
    WHERE old.requested_at < now() - $1::interval
        OR (
            old.job_id <> $3::uuid
            AND NOT EXISTS (SELECT FROM moment.jobs WHERE jobs.id = old.job_id AND NOT jobs.expiring)
        )
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)
