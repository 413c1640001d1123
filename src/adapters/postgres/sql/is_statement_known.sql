-- Whether the server knows a prepared statement by the client's name for it: a pooler that keeps track renames them.
SELECT EXISTS (SELECT FROM pg_prepared_statements WHERE name = $1)
