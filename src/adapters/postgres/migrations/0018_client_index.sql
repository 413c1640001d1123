-- outside a transaction
-- Serves the count of what a client has waiting.
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_client ON moment.jobs (client)
    WHERE finished_at IS NULL AND client <> '';
