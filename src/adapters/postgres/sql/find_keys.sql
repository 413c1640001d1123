-- Of each prefix the key, unless it was revoked. A use is noted at most once a minute, and only of whoever has the key.
WITH asked AS (
    SELECT * FROM unnest($1::text[], $2::bytea[]) AS sent (prefix, digest)
), used AS (
    UPDATE moment.api_keys
    SET last_used_at = now()
    FROM asked
    WHERE api_keys.prefix = asked.prefix
        AND api_keys.digest = asked.digest
        AND revoked_at IS NULL
        AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
)
SELECT * FROM moment.api_keys WHERE prefix = ANY ($1) AND revoked_at IS NULL
