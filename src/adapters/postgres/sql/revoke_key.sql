UPDATE moment.api_keys
SET revoked_at = coalesce(revoked_at, now())
WHERE $1 IN (prefix, id::text)
RETURNING *
