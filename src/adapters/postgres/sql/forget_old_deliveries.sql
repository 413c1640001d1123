WITH old AS MATERIALIZED (
    SELECT id
    FROM moment.webhook_deliveries
    WHERE settled_at < now() - $1::interval
    ORDER BY settled_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)
DELETE FROM moment.webhook_deliveries WHERE id = ANY (ARRAY(SELECT id FROM old))
