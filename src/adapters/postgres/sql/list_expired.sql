SELECT id
FROM jobs
WHERE finished_at < now() - $1::interval
ORDER BY finished_at
LIMIT $2
