-- Grouped first: whatever keeps jobs waiting is the same for all of a kind. Materialized, or the planner asks for each
-- row before it groups them.
WITH waiting AS MATERIALIZED (
    SELECT output_kind, reason, count(*) AS jobs
    FROM moment.jobs
    WHERE finished_at IS NULL AND coalesce(lease_expires_at, now()) <= now()
    GROUP BY output_kind, reason
), counted AS (
    SELECT moment.waits_for(output_kind, reason) AS reason, jobs FROM waiting
)
SELECT reason, sum(jobs)::bigint AS jobs FROM counted WHERE reason <> '' GROUP BY reason
