SELECT
    (SELECT count(*) FROM moment.webhook_deliveries WHERE settled_at IS NULL) AS pending,
    (SELECT min(due_at) FROM moment.webhook_deliveries WHERE settled_at IS NULL AND due_at < now()) AS due_since,
    now() AS now,
    ARRAY(
        SELECT url FROM moment.webhook_endpoints WHERE disabled_at IS NOT NULL ORDER BY disabled_at DESC LIMIT 100
    ) AS disabled
