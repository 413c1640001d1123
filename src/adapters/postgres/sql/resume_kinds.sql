WITH resumed AS (
    DELETE FROM moment.pauses WHERE output_kind = ANY ($1::text[]) RETURNING output_kind
)
SELECT pg_notify('moment_work', '') WHERE EXISTS (SELECT FROM resumed)
