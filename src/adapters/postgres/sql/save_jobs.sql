-- That lease_expires_at is not null says that the job has not ended (a CHECK of the table): asking for finished_at IS NULL
-- as well would let the planner walk the whole backlog by the index of the claim, instead of the primary key.
-- The ANY says again what the join says, in the form that the planner takes to that key without knowing the arrays.
-- A save proves that the worker lives: it renews the lease, since a heartbeat passes over rows that a save holds.
UPDATE jobs
SET
    document = saved.document,
    status = saved.status,
    version = saved.version,
    progress = CASE WHEN saved.status = 'COMPLETED' THEN 1 ELSE progress END,
    finished_at = CASE WHEN saved.ended THEN now() END,
    lease_expires_at = CASE WHEN NOT saved.ended THEN now() + $7::interval END,
    worker = CASE WHEN NOT saved.ended THEN worker END,
    updated_at = now()
FROM unnest($1::uuid[], $2::bigint[], $3::json[], $4::text[], $5::integer[], $6::boolean[])
    AS saved (id, token, document, status, version, ended)
WHERE jobs.id = saved.id
    AND jobs.id = ANY ($1::uuid[])
    AND jobs.lease_token = saved.token
    AND jobs.lease_expires_at IS NOT NULL
    AND jobs.version < saved.version
RETURNING jobs.id
