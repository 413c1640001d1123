INSERT INTO moment.schema_migrations (name, checksum) VALUES ($1, $2)
