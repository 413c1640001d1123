SELECT
    document,
    finished_at IS NOT NULL AS finished,
    coalesce(lease_expires_at > now(), false) AS running,
    now() AS now
FROM jobs
WHERE id = $1
FOR UPDATE
