-- Objects are not deleted because this database has no row for them: it may be the wrong database.
CREATE TABLE moment.orphans (
    job_id uuid PRIMARY KEY,
    seen_at timestamptz NOT NULL DEFAULT now(),
    accepted boolean NOT NULL DEFAULT false
);

COMMENT ON TABLE moment.orphans IS 'Jobs without a row, of which the sweep has found objects: in quarantine.';
COMMENT ON COLUMN moment.orphans.accepted IS 'An operator has confirmed that the job is gone.';
