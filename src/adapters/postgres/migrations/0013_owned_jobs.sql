-- outside a transaction
-- Serves the lists of owners' jobs, newest first. A service without keys has nothing in it.
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_owned ON moment.jobs (owner, created_at, id) WHERE owner <> '';
