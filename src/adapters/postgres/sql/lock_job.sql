-- A job that is being removed is gone for whoever would change it.
-- The server ends the transaction after 30 s if the client disappears before it commits.
SELECT
    set_config('idle_in_transaction_session_timeout', '30s', true),
    document,
    attempt,
    finished_at IS NOT NULL AS finished,
    coalesce(lease_expires_at > now(), false) AS running,
    now() AS now
FROM moment.jobs
WHERE id = $1 AND NOT expiring
FOR UPDATE
