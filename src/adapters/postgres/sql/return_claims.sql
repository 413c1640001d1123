-- Rare: only after a claim that seemed to fail. So it may walk the backlog.
WITH lost AS MATERIALIZED (
    SELECT id
    FROM moment.jobs
    WHERE finished_at IS NULL AND worker = $1 AND lease_expires_at IS NOT NULL AND id <> ALL ($2::uuid[])
    FOR UPDATE SKIP LOCKED
)
UPDATE moment.jobs
SET attempt = attempt - 1, lease_expires_at = NULL, worker = NULL, updated_at = now()
WHERE id = ANY (ARRAY(SELECT id FROM lost))
RETURNING id
