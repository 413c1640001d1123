-- $3: the state from now on, of which pending means another attempt after $4. Then the later events of the same job wait
-- for as long: they would only be found due and passed over.
WITH settled AS (
    UPDATE moment.webhook_deliveries
    SET
        state = $3,
        settled_at = CASE WHEN $3 <> 'pending' THEN now() END,
        due_at = now() + $4::interval,
        leased_until = NULL,
        worker = NULL,
        log = $5::jsonb
    WHERE id = $1 AND lease_token = $2 AND settled_at IS NULL
    RETURNING job_id, endpoint_id, number, due_at
), later AS (
    UPDATE moment.webhook_deliveries AS delivery
    SET due_at = settled.due_at
    FROM settled
    WHERE $3 = 'pending'
        AND delivery.job_id = settled.job_id
        AND delivery.endpoint_id = settled.endpoint_id
        AND delivery.number > settled.number
        AND delivery.settled_at IS NULL
        AND delivery.leased_until IS NULL
        AND delivery.due_at < settled.due_at
)
SELECT EXISTS (SELECT FROM settled)
