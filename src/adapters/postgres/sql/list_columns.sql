-- NULL for a table that is not there: then nothing is listed.
SELECT attname::text AS name, quote_ident(attname) AS quoted
FROM pg_attribute
WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
