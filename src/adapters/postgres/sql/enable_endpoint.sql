UPDATE moment.webhook_endpoints SET disabled_at = NULL, disabled_because = '' WHERE id = $1 RETURNING id
