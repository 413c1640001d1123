UPDATE moment.jobs
SET document = given.document, version = given.version, format = $4, refused = false, updated_at = now()
FROM unnest($1::uuid[], $2::json[], $3::integer[]) AS given (id, document, version)
WHERE jobs.id = given.id
