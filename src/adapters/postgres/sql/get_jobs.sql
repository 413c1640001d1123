-- Jobs that are being removed are gone for their musicians. Of a job that has ended, the document is left out where the
-- caller knows its version: it is most of what a read costs. The ids are told twice: the planner knows nothing of the
-- rows of an unnest, and uses the primary key for the ANY.
SELECT
    id,
    known,
    CASE WHEN finished_at IS NULL OR version <> known THEN document END AS document,
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
JOIN unnest($1::uuid[], $2::integer[]) AS wanted (id, known) USING (id)
WHERE id = ANY ($1::uuid[]) AND NOT expiring
