-- Not if something was delivered there since $3: then what it refuses is one delivery, not all of them.
UPDATE moment.webhook_endpoints
SET disabled_at = now(), disabled_because = $2
WHERE id = $1
    AND disabled_at IS NULL
    AND NOT EXISTS (
        SELECT
        FROM moment.webhook_deliveries AS delivery
        WHERE delivery.settled_at >= $3 AND delivery.endpoint_id = $1 AND delivery.state = 'delivered'
    )
RETURNING url
