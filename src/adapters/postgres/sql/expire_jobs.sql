-- Rows are marked before their objects are deleted, so that a job without its recording cannot be retried.
WITH old AS MATERIALIZED (
    SELECT id
    FROM moment.jobs
    WHERE finished_at < now() - $1::interval AND id <> ALL ($3::uuid[])
    ORDER BY finished_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), marked AS (
    UPDATE moment.jobs SET expiring = true WHERE id = ANY (ARRAY(SELECT id FROM old)) RETURNING id, finished_at
)
SELECT id FROM marked ORDER BY finished_at
