-- What is looked for without reading documents: copies of what the request says.
ALTER TABLE moment.jobs
    ADD COLUMN owner text NOT NULL DEFAULT '',
    ADD COLUMN client text NOT NULL DEFAULT '',
    ADD COLUMN client_reference text NOT NULL DEFAULT '',
    ADD COLUMN deadline timestamptz,
    ADD COLUMN kept interval,
    ADD COLUMN parent_id uuid;

COMMENT ON COLUMN moment.jobs.owner IS 'Of the key with which the request was sent; empty without one.';
COMMENT ON COLUMN moment.jobs.client IS 'Who takes turns with others; empty if unknown.';
COMMENT ON COLUMN moment.jobs.deadline IS 'When the job ends without music; NULL for the limit of every job.';
COMMENT ON COLUMN moment.jobs.kept IS 'How long the job is kept after it has ended; NULL for as long as every job.';
