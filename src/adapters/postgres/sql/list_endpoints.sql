WITH failing AS MATERIALIZED (
    SELECT
        endpoint_id,
        count(*) AS deliveries,
        (array_agg(log -> -1 ORDER BY (log -> -1 ->> 'at')::timestamptz DESC))[1]::text AS last_failure
    FROM moment.webhook_deliveries
    WHERE settled_at IS NULL AND attempt > 0 AND log -> -1 ->> 'error' <> ''
    GROUP BY endpoint_id
)
SELECT
    endpoint.id,
    endpoint.owner,
    endpoint.url,
    endpoint.events,
    endpoint.whole,
    endpoint.disabled_at,
    endpoint.disabled_because,
    endpoint.created_at,
    coalesce(failing.deliveries, 0) AS failing,
    failing.last_failure
FROM moment.webhook_endpoints AS endpoint
LEFT JOIN failing ON failing.endpoint_id = endpoint.id
WHERE (endpoint.events IS NOT NULL OR endpoint.disabled_at IS NOT NULL OR failing.deliveries > 0)
    AND ($1::text IS NULL OR endpoint.owner = $1)
ORDER BY endpoint.owner, endpoint.created_at
LIMIT 1000
