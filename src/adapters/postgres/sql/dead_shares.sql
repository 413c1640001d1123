-- Links that were revoked, and those of jobs that are gone or being removed.
(
    SELECT token, job_id, key, stored, created_at
    FROM moment.shares
    WHERE revoked
    ORDER BY created_at
    LIMIT $1
)
UNION ALL
(
    SELECT token, job_id, key, stored, created_at
    FROM moment.shares
    WHERE NOT revoked
        AND NOT EXISTS (SELECT FROM moment.jobs WHERE jobs.id = shares.job_id AND NOT jobs.expiring)
    LIMIT $1
)
