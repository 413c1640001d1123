INSERT INTO jobs (id, status, version, output_kind, document)
VALUES ($1, $2, $3, $4, $5)
