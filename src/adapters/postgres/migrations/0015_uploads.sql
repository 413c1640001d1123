-- Recordings that clients send straight to storage, until a request for a moment names them.
CREATE TABLE moment.uploads (
    id uuid PRIMARY KEY,
    owner text NOT NULL,
    client text NOT NULL,
    size bigint NOT NULL,
    mime_type text NOT NULL,
    filename text NOT NULL,
    job_id uuid,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX uploads_created ON moment.uploads (created_at);
CREATE INDEX uploads_unused ON moment.uploads (client) WHERE job_id IS NULL;

COMMENT ON TABLE moment.uploads IS 'Recordings that clients send straight to storage; kept for a day.';
COMMENT ON COLUMN moment.uploads.owner IS 'Of the key with which the upload was asked for; empty without one.';
COMMENT ON COLUMN moment.uploads.client IS 'Who takes turns with others; empty if unknown.';
COMMENT ON COLUMN moment.uploads.size IS 'Bytes, as they were announced, and are signed.';
COMMENT ON COLUMN moment.uploads.job_id IS 'The job whose recording it became; NULL while it is unused.';
