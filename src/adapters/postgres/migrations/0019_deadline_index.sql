-- outside a transaction
-- Serves the claim, which ends those whose deadline has passed, wherever they wait.
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_deadline ON moment.jobs (deadline)
    WHERE finished_at IS NULL AND deadline IS NOT NULL;
