-- A row that is up to date is only read: its lock belongs to the claims. An endpoint that was disabled is tried again once
-- a request names it $3 later.
WITH known AS (
    SELECT disabled_at, disabled_because, named_at FROM moment.webhook_endpoints WHERE owner = $1 AND url = $2
), named AS (
    INSERT INTO moment.webhook_endpoints AS endpoint (owner, url)
    SELECT $1, $2
    WHERE NOT EXISTS (
        SELECT
        FROM known
        WHERE CASE WHEN disabled_at IS NULL THEN named_at > now() - interval '1 hour' ELSE disabled_at > now() - $3::interval END
    )
    ON CONFLICT (owner, url) DO UPDATE
    SET named_at = now(), disabled_at = NULL, disabled_because = ''
    WHERE endpoint.disabled_at IS NULL OR endpoint.disabled_at <= now() - $3::interval
)
SELECT
    coalesce((SELECT disabled_because FROM known WHERE disabled_at > now() - $3::interval), '') AS disabled_because,
    EXISTS (SELECT FROM moment.webhook_secrets WHERE owner = $1) AS has_secret
