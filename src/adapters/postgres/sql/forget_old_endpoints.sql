-- Those that only requests named, once nothing was delivered there for long.
WITH old AS MATERIALIZED (
    SELECT id
    FROM moment.webhook_endpoints AS endpoint
    WHERE named_at < now() - $1::interval
        AND events IS NULL
        AND NOT EXISTS (SELECT FROM moment.webhook_deliveries WHERE endpoint_id = endpoint.id AND settled_at IS NULL)
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)
DELETE FROM moment.webhook_endpoints WHERE id = ANY (ARRAY(SELECT id FROM old))
