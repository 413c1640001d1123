-- Of a job: its last ones, or one of them.
SELECT
    delivery.id,
    delivery.job_id,
    delivery.event,
    delivery.occurred_at,
    endpoint.url,
    endpoint.owner,
    endpoint.disabled_at IS NOT NULL AS endpoint_disabled,
    endpoint.disabled_because,
    delivery.state,
    delivery.attempt,
    CASE WHEN delivery.settled_at IS NULL THEN delivery.due_at END AS due_at,
    delivery.log::text AS log
FROM moment.webhook_deliveries AS delivery
JOIN moment.webhook_endpoints AS endpoint ON endpoint.id = delivery.endpoint_id
WHERE delivery.job_id = $1 AND ($3::uuid IS NULL OR delivery.id = $3)
ORDER BY delivery.number DESC
LIMIT $2
