SELECT id, owner, url, events, whole, disabled_at, disabled_because, created_at
FROM moment.webhook_endpoints
WHERE (events IS NOT NULL OR disabled_at IS NOT NULL) AND ($1::text IS NULL OR owner = $1)
ORDER BY owner, created_at
LIMIT 1000
