-- Rows are marked before their objects are deleted, so that a job without its recording cannot be retried.
-- `AT TIME ZONE` makes a time that an index can be made of.
WITH old AS MATERIALIZED (
    SELECT id, finished_at
    FROM moment.jobs
    WHERE finished_at < now() - $1::interval AND id <> ALL ($3::uuid[])
    ORDER BY finished_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), unwanted AS MATERIALIZED (
    SELECT id, finished_at
    FROM moment.jobs
    WHERE kept IS NOT NULL
        AND (finished_at AT TIME ZONE 'UTC') + kept < now() AT TIME ZONE 'UTC'
        AND id <> ALL ($3::uuid[])
    ORDER BY (finished_at AT TIME ZONE 'UTC') + kept
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), expired AS MATERIALIZED (
    SELECT id FROM (SELECT * FROM old UNION SELECT * FROM unwanted) AS either ORDER BY finished_at LIMIT $2
), marked AS (
    UPDATE moment.jobs SET expiring = true WHERE id = ANY (ARRAY(SELECT id FROM expired)) RETURNING id, finished_at
)
SELECT id FROM marked ORDER BY finished_at
