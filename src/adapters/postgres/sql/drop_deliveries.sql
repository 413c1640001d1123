UPDATE moment.webhook_deliveries
SET state = 'dropped', settled_at = now(), leased_until = NULL, worker = NULL
WHERE endpoint_id = $1 AND settled_at IS NULL AND id <> $2
