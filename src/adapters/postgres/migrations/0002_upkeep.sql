-- Serves retention (the oldest first) and the operator's counts. A job enters it once, when it ends, and is not in
-- jobs_claim any more: heartbeats and saves within the run stay HOT.
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE chores (
    name text PRIMARY KEY,
    due_at timestamptz NOT NULL DEFAULT now(),
    cursor text NOT NULL DEFAULT ''
);

INSERT INTO chores (name) VALUES ('housekeeping');

COMMENT ON COLUMN chores.due_at IS 'Whoever moves it on has the turn: one worker of the fleet at a time.';
COMMENT ON COLUMN chores.cursor IS 'The object key at which the last round stopped.';
