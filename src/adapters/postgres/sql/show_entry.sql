SELECT
    *,
    now() AS now,
    CASE
        WHEN finished_at IS NOT NULL OR coalesce(lease_expires_at > now(), false) THEN ''
        ELSE moment.waits_for(output_kind, reason)
    END AS waiting_for
FROM moment.jobs
WHERE id = $1
