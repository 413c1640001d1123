WITH removed AS (
    DELETE FROM moment.webhook_endpoints WHERE id = $1 RETURNING id
), deliveries AS (
    DELETE FROM moment.webhook_deliveries WHERE endpoint_id = $1
)
SELECT id FROM removed
