-- Jobs that are being removed are gone for their musicians.
SELECT
    id,
    document,
    progress,
    attempt,
    finished_at,
    CASE
        WHEN finished_at IS NOT NULL THEN 'ended'
        WHEN coalesce(lease_expires_at > now(), false) THEN 'running'
        WHEN run_at > now() THEN 'delayed'
        ELSE 'waiting'
    END AS standing,
    CASE
        WHEN finished_at IS NOT NULL OR coalesce(lease_expires_at > now(), false) THEN ''
        ELSE moment.waits_for(output_kind, reason)
    END AS waiting_for
FROM moment.jobs
WHERE id = ANY ($1::uuid[]) AND NOT expiring
