SELECT id FROM moment.uploads WHERE created_at < now() - $1::interval ORDER BY created_at LIMIT $2
