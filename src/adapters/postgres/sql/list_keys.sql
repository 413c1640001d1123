SELECT * FROM moment.api_keys WHERE $1 IN ('', owner) ORDER BY created_at DESC, id LIMIT $2
