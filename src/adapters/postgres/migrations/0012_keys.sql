-- Keys of the API: of each, its hash alone. What owners have used, by month.
CREATE TABLE moment.api_keys (
    id uuid PRIMARY KEY,
    prefix text NOT NULL UNIQUE,
    digest bytea NOT NULL,
    owner text NOT NULL CHECK (owner <> ''),
    name text NOT NULL DEFAULT '',
    scopes text[] NOT NULL,
    may_hurry boolean NOT NULL DEFAULT false,
    waiting integer,
    moments_per_month integer,
    seconds_per_month integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    last_used_at timestamptz
);

COMMENT ON TABLE moment.api_keys IS 'Keys of the API, revoked ones too. What is NULL of the limits follows from the settings.';
COMMENT ON COLUMN moment.api_keys.prefix IS 'How the key begins: it is found by it, and shown as it.';
COMMENT ON COLUMN moment.api_keys.digest IS 'SHA-256 of the key.';
COMMENT ON COLUMN moment.api_keys.owner IS 'Whose jobs it creates and sees.';
COMMENT ON COLUMN moment.api_keys.scopes IS 'create, read, operate.';
COMMENT ON COLUMN moment.api_keys.may_hurry IS 'Whether its jobs may be urgent.';
COMMENT ON COLUMN moment.api_keys.waiting IS 'How many jobs of its owner may wait at once.';
COMMENT ON COLUMN moment.api_keys.last_used_at IS 'To within a minute.';

CREATE TABLE moment.usage (
    owner text NOT NULL CHECK (owner <> ''),
    month date NOT NULL,
    moments integer NOT NULL DEFAULT 0,
    seconds double precision NOT NULL DEFAULT 0,
    PRIMARY KEY (owner, month)
) WITH (fillfactor = 80);

COMMENT ON TABLE moment.usage IS 'What owners of keys have used; it outlives their jobs.';
COMMENT ON COLUMN moment.usage.month IS 'Its first day, UTC.';
COMMENT ON COLUMN moment.usage.moments IS 'Jobs that were accepted in it; a job counts once, however often it is retried.';
COMMENT ON COLUMN moment.usage.seconds IS 'Of music that was completed in it.';
