-- A request that is tried again with the same id has one job.
INSERT INTO moment.jobs (id, status, version, output_kind, document, format)
SELECT *, $6::smallint FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::json[])
ON CONFLICT (id) DO NOTHING
