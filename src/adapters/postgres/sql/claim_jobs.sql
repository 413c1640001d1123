SELECT id, document, lease_token, attempt, max_attempts, cancel_requested FROM claim_jobs($1, $2, $3)
