CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    status text NOT NULL CHECK (
        status IN ('PENDING', 'ANALYZING', 'RENDERING', 'MIXING', 'COMPLETED', 'FAILED', 'CANCELLED')
    ),
    version integer NOT NULL,
    output_kind text NOT NULL CHECK (output_kind IN ('preview', 'song')),
    priority smallint NOT NULL DEFAULT 0,
    attempt integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 3,
    run_at timestamptz NOT NULL DEFAULT now(),
    lease_token bigint NOT NULL DEFAULT 0,
    lease_expires_at timestamptz,
    worker text,
    cancel_requested boolean NOT NULL DEFAULT false,
    progress real NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    -- json, not jsonb: it comes back as it was written (order, numbers, \u0000) and costs no parse into a tree.
    document json NOT NULL,
    CHECK ((finished_at IS NOT NULL) = (status IN ('COMPLETED', 'FAILED', 'CANCELLED'))),
    CHECK (finished_at IS NULL OR lease_expires_at IS NULL)
) WITH (
    fillfactor = 80, -- room on the page, so that heartbeats and saves stay HOT
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 200,
    autovacuum_analyze_scale_factor = 0.05,
    autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_scale_factor = 0.02,
    toast.autovacuum_vacuum_threshold = 500,
    toast.autovacuum_vacuum_cost_delay = 0
);

-- Serves the claim in its order. Nothing that a heartbeat or a save within the run changes may be added to it.
CREATE INDEX jobs_claim ON jobs (priority DESC, run_at, id) WHERE finished_at IS NULL;

COMMENT ON COLUMN jobs.lease_token IS 'Grows with every claim, never resets: only the greatest token may write.';
COMMENT ON COLUMN jobs.lease_expires_at IS 'NULL: nobody holds the job.';
COMMENT ON COLUMN jobs.document IS 'The whole job as the domain writes it; status, version and output_kind are copies.';
