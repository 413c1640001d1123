-- What was counted last, where there are too many jobs to count them for each reader. One row.
CREATE TABLE moment.counts (
    counted_at timestamptz NOT NULL,
    took interval NOT NULL,
    counts jsonb NOT NULL
);

CREATE UNIQUE INDEX counts_single ON moment.counts ((true));

COMMENT ON TABLE moment.counts IS 'How many jobs there were where, when they were counted last.';
