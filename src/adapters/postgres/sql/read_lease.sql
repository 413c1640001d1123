SELECT lease_token, lease_expires_at IS NOT NULL AS held, version, finished_at IS NOT NULL AS finished, document
FROM moment.jobs
WHERE id = $1
