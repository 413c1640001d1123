-- As if they had not been claimed: the attempt, which may have been sent, does not count.
UPDATE moment.webhook_deliveries AS delivery
SET attempt = delivery.attempt - 1, due_at = now(), leased_until = NULL, worker = NULL
FROM unnest($1::uuid[], $2::integer[]) AS released (id, token)
WHERE delivery.id = released.id AND delivery.lease_token = released.token AND delivery.settled_at IS NULL
