-- The link that there is, or a new one. Nothing is inserted for a job that is being removed.
INSERT INTO moment.shares AS held (digest, token, job_id, key)
SELECT $1::bytea, $2::text, $3::uuid, $4::text
WHERE EXISTS (SELECT FROM moment.jobs WHERE id = $3 AND NOT expiring)
ON CONFLICT (job_id) WHERE NOT revoked DO UPDATE SET token = held.token
RETURNING token, job_id, key, stored, created_at
