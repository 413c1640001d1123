SELECT id, document, lease_token, attempt, max_attempts, cancel_requested FROM moment.claim_jobs($1, $2, $3)
