-- One that was sent again has older answers as well: it fails since the first of its attempts from then on.
WITH waiting AS (
    SELECT due_at, attempt > 0 AND log -> -1 ->> 'error' <> '' AS failed, log, attempt
    FROM moment.webhook_deliveries
    WHERE settled_at IS NULL
)
SELECT
    count(*) AS pending,
    count(*) FILTER (WHERE failed) AS failing,
    ARRAY[
        min(due_at) FILTER (WHERE due_at < now()),
        min((log -> -least(attempt, jsonb_array_length(log)) ->> 'at')::timestamptz) FILTER (WHERE failed)
    ] AS since,
    now() AS now,
    ARRAY(
        SELECT url FROM moment.webhook_endpoints WHERE disabled_at IS NOT NULL ORDER BY disabled_at DESC LIMIT 100
    ) AS disabled
FROM waiting
