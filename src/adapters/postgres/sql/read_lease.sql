SELECT lease_token, finished_at IS NOT NULL AS finished, document
FROM jobs
WHERE id = $1
