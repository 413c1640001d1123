INSERT INTO moment.webhook_endpoints (owner, url, events, whole)
VALUES ($1, $2, $3, $4)
ON CONFLICT (owner, url) DO UPDATE
SET events = excluded.events, whole = excluded.whole, disabled_at = NULL, disabled_because = ''
RETURNING id
