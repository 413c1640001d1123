-- outside a transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_kept
    ON moment.jobs (((finished_at AT TIME ZONE 'UTC') + kept)) WHERE kept IS NOT NULL;
