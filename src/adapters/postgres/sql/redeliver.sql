-- With all its attempts, under its own id. The endpoint is locked as a claim locks it: it may be disabled just now.
WITH endpoint AS MATERIALIZED (
    SELECT endpoint.id
    FROM moment.webhook_endpoints AS endpoint
    JOIN moment.webhook_deliveries AS delivery ON delivery.endpoint_id = endpoint.id
    WHERE delivery.id = $2 AND delivery.job_id = $1 AND endpoint.disabled_at IS NULL
    FOR SHARE OF endpoint
)
UPDATE moment.webhook_deliveries AS delivery
SET state = 'pending', settled_at = NULL, attempt = 0, due_at = now()
FROM endpoint
WHERE delivery.id = $2 AND delivery.endpoint_id = endpoint.id AND delivery.settled_at IS NOT NULL
RETURNING true
