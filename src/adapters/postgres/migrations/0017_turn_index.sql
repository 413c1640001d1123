-- outside a transaction
-- Serves the claim in the order of its turns. Nothing that a heartbeat or a save within the run changes may be added to
-- it. Jobs that were begun, and those without a turn, are found by jobs_claim.
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_turn
    ON moment.jobs (urgent DESC, output_kind, turn, run_at, id)
    WHERE finished_at IS NULL AND priority = 0 AND turn < 'infinity';
