SELECT reason, count(*) AS jobs
FROM moment.jobs
WHERE finished_at IS NULL AND reason <> '' AND coalesce(lease_expires_at, now()) <= now()
GROUP BY reason
