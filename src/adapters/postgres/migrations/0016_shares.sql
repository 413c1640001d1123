-- Links to music for everybody, and formats of music that are made on demand. Neither refers to the jobs by a key: a
-- job's row goes when retention is done with it, and what belongs to it here follows in the same round.
CREATE TABLE moment.shares (
    digest bytea PRIMARY KEY,
    token text NOT NULL,
    job_id uuid NOT NULL,
    key text NOT NULL,
    stored boolean NOT NULL DEFAULT false,
    revoked boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX shares_job ON moment.shares (job_id) WHERE NOT revoked;
CREATE INDEX shares_revoked ON moment.shares (created_at) WHERE revoked;

COMMENT ON TABLE moment.shares IS 'Links to the music of moments, /m/{token}; of each moment, one that is not revoked.';
COMMENT ON COLUMN moment.shares.digest IS 'SHA-256 of the token, by which it is found.';
COMMENT ON COLUMN moment.shares.key IS 'Of the copy of the music: the key of the original would tell the id of the job.';
COMMENT ON COLUMN moment.shares.stored IS 'Whether the copy is there.';
COMMENT ON COLUMN moment.shares.revoked IS 'The link is dead; the row goes once its copy is deleted.';

CREATE TABLE moment.conversions (
    job_id uuid NOT NULL,
    output_format text NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    errors smallint NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL DEFAULT now(),
    failed_at timestamptz,
    reason text NOT NULL DEFAULT '',
    requested_at timestamptz NOT NULL DEFAULT now(),
    client text NOT NULL DEFAULT '',
    turn timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (job_id, output_format)
);

CREATE INDEX conversions_turn ON moment.conversions (turn) WHERE failed_at IS NULL;
CREATE INDEX conversions_client ON moment.conversions (client, turn) WHERE failed_at IS NULL;

COMMENT ON TABLE moment.conversions IS 'Formats of finished music that somebody has asked for and that are not there yet.';
COMMENT ON COLUMN moment.conversions.attempt IS 'Counts the claims: the newest one alone may write.';
COMMENT ON COLUMN moment.conversions.errors IS 'Failures of its own; the third ends it.';
COMMENT ON COLUMN moment.conversions.run_at IS 'When a worker may claim it: at once, after a pause, or once its lease has ended.';
COMMENT ON COLUMN moment.conversions.client IS 'Whose job it is: clients take turns.';
COMMENT ON COLUMN moment.conversions.turn IS 'Those of one client are some seconds apart, so that others come in between.';
COMMENT ON COLUMN moment.conversions.reason IS 'The code of the error that ended it.';
