SELECT id, document, now() AS now
FROM moment.jobs
WHERE refused AND NOT expiring AND format <= $3 AND finished_at < now() - $1::interval
ORDER BY finished_at
LIMIT $2
FOR UPDATE SKIP LOCKED
