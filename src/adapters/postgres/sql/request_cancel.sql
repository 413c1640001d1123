-- The notification is part of the transaction, unlike those for new jobs: cancelling a running job is rare.
WITH requested AS (
    UPDATE moment.jobs
    SET cancel_requested = true, updated_at = now()
    WHERE id = $1 AND finished_at IS NULL AND NOT cancel_requested
    RETURNING id
)
SELECT pg_notify('moment_cancel', '') FROM requested
