-- A request with an Idempotency-Key is carried out once: what was answered is kept for a day.
CREATE TABLE moment.request_keys (
    key bytea PRIMARY KEY,
    payload bytea NOT NULL,
    body bytea NOT NULL,
    job_id uuid NOT NULL,
    answer text,
    held_until timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX request_keys_created ON moment.request_keys (created_at);

COMMENT ON TABLE moment.request_keys IS 'Requests with an Idempotency-Key, and what was answered; kept for a day.';
COMMENT ON COLUMN moment.request_keys.key IS 'SHA-256 of the route and the key.';
COMMENT ON COLUMN moment.request_keys.payload IS 'SHA-256 of what was asked for, however it was encoded.';
COMMENT ON COLUMN moment.request_keys.body IS 'SHA-256 of the body as it was sent.';
COMMENT ON COLUMN moment.request_keys.job_id IS 'The job that the request creates, in each of its tries.';
COMMENT ON COLUMN moment.request_keys.answer IS 'NULL while the request is carried out.';
COMMENT ON COLUMN moment.request_keys.held_until IS 'From then on, another try may carry it out.';
