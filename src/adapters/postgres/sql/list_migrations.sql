SELECT name, checksum FROM moment.schema_migrations ORDER BY name
