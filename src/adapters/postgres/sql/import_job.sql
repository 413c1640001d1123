-- It has ended now, by the clock of retention: whoever brings moments over wants to keep them for as long as new ones.
INSERT INTO moment.jobs (id, created_at, status, version, output_kind, document, format, progress, finished_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1, now())
ON CONFLICT (id) DO NOTHING
RETURNING id
