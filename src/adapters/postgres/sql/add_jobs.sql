-- A request that is tried again with the same id has one job.
INSERT INTO moment.jobs (
    id, status, version, output_kind, document, owner, client, client_reference, deadline, kept, parent_id, webhook,
    format
)
SELECT *, $13::smallint
FROM unnest(
    $1::uuid[], $2::text[], $3::integer[], $4::text[], $5::json[], $6::text[], $7::text[], $8::text[],
    $9::timestamptz[], $10::interval[], $11::uuid[], $12::jsonb[]
)
ON CONFLICT (id) DO NOTHING
