-- lease_expires_at IS NOT NULL implies that the job has not ended (a CHECK of the table). With finished_at IS NULL in
-- addition, the planner might scan the whole backlog by the index of the claim instead of using the primary key.
-- Both ANYs are in a form for which the planner uses that key without knowing the arrays.
-- A save proves that the worker is alive, so it renews the lease: heartbeats skip rows that a save has locked.
-- A new state means that the tools have done what the job asked of them, so it is no longer suspected of breaking them.
-- Rows that another session has locked are skipped, so that one of them does not delay the others; they are not returned.
WITH free AS MATERIALIZED (
    SELECT jobs.id
    FROM moment.jobs
    WHERE jobs.id = ANY ($1::uuid[])
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE moment.jobs
SET
    document = saved.document,
    format = $10,
    status = saved.status,
    version = saved.version,
    breaks = CASE WHEN jobs.status = saved.status THEN breaks ELSE 0 END,
    progress = CASE WHEN saved.status = 'COMPLETED' THEN 1 ELSE progress END,
    finished_at = CASE WHEN saved.ended THEN now() END,
    lease_expires_at = CASE WHEN NOT saved.ended THEN now() + $9::interval END,
    worker = CASE WHEN NOT saved.ended THEN worker END,
    worked = worked + CASE WHEN saved.ended THEN coalesce(now() - claimed_at, '0') ELSE '0' END,
    refused = saved.refused,
    reason = saved.reason,
    updated_at = now()
FROM unnest(
    $1::uuid[], $2::bigint[], $3::json[], $4::text[], $5::integer[], $6::boolean[], $7::boolean[], $8::text[]
) AS saved (id, token, document, status, version, ended, refused, reason)
WHERE jobs.id = saved.id
    AND jobs.id = ANY (ARRAY(SELECT free.id FROM free))
    AND jobs.lease_token = saved.token
    AND jobs.lease_expires_at IS NOT NULL
    AND jobs.version < saved.version
RETURNING jobs.id
