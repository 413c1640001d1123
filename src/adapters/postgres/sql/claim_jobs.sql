SELECT document, lease_token, attempt, max_attempts FROM claim_jobs($1, $2, $3)
