-- The server ends the transaction after 30 s if the client disappears before it commits.
SELECT set_config('idle_in_transaction_session_timeout', '30s', true), document, now() AS now
FROM moment.jobs
WHERE id = $1 AND status = 'COMPLETED' AND NOT expiring
FOR NO KEY UPDATE
