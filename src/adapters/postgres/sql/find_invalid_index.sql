-- What a CREATE INDEX CONCURRENTLY that was interrupted leaves behind, or has not finished yet; quoted if need be.
SELECT format('%I.%I', nspname, relname)
FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE NOT indisvalid AND relname = $1 AND pg_namespace.oid = to_regnamespace($2)
