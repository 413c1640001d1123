DELETE FROM moment.request_keys
WHERE key IN (
    SELECT key
    FROM moment.request_keys
    WHERE created_at < now() - $1::interval
    ORDER BY created_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)
