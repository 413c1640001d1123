-- The id of this database, so that whatever belongs to it can be marked: a bucket, for example. A database that has this
-- table stays in the schema that it uses, whatever else is created in it later.
CREATE TABLE moment.installation (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    bucket text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX installation_single ON moment.installation ((true));

INSERT INTO moment.installation DEFAULT VALUES;

COMMENT ON TABLE moment.installation IS 'One row.';
COMMENT ON COLUMN moment.installation.bucket IS 'The URL or the folder that was marked last; NULL before.';
