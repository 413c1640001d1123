-- outside a transaction
-- Serves the list of jobs that have not ended. Nothing that changes while a job runs may be added to it. The second
-- condition is true of every row, and named by that list alone: so that the planner takes this index for no claim.
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_accepted
    ON moment.jobs (created_at, id)
    WHERE finished_at IS NULL AND created_at > '-infinity';
